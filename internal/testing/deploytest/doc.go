// Package deploytest holds the tests of what runs the gateway: the packages with the systemd unit, the image, the compose file and the Helm
// chart. What has to be built first is tested by "make deploy-test".
package deploytest
