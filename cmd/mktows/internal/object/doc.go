// Package object has the commands under "mktows object" and "mktows custom". The service has two families of objects
// besides leads. Marketo objects (opportunities, their roles, programs) have a fixed set of types, ids and
// associations. Custom objects are defined by the customer and have neither: a record is found by the values of its
// key fields.
package object
