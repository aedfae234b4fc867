// Package profiles reads the file in which users keep the settings of several instances, each under a name. It holds names of files with secrets,
// never a secret.
package profiles
