package gateway

import _ "embed"

// schema is made of the type Config by the test of this file: go test ./gateway -run 'TestSchema$' -update.
//
//go:embed schema.json
var schema string

// Schema returns the JSON schema of a configuration file, by which editors complete and check one. What only the whole tells, such as two
// tenants with one user id, is left to [Load] and [New].
func Schema() string { return schema }
