// Package doctor holds the command "mktows doctor", which prints what package internal/doctor of the module finds.
package doctor
