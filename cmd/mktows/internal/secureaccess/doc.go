// Package secureaccess has the commands under "mktows secure-access".
package secureaccess
