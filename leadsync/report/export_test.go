package report

// Schema is the version of the tables that the page reads.
const Schema = schema
