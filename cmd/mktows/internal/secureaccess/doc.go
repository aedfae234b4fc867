// Package secureaccess has the commands under "mktows secure-access". They are about the mobile SDK of Marketo and
// have nothing to do with the SOAP API but for the instance: an app in Secure Access Mode needs a signature that only
// somebody with the access secret can make, and that secret must not be in the app.
package secureaccess
