// Package readmetest holds the test that the README's code is code of this module.
package readmetest
