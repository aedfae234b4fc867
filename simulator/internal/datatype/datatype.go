// Package datatype holds the data types of fields of objects.
package datatype

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// all are the types of fields that can be added.
var all = []string{"string", "integer", "float", "currency", "percent", "boolean", "date", "dateTime"}

// Check returns a field with its data type. The error says that the name is missing, or that
// there is no such type.
func Check(f record.Field) (record.Field, error) {
	if f.DataType == "" {
		f.DataType = "string"
	}
	if f.Name == "" {
		return f, fmt.Errorf("a field of type %s has no name", f.DataType)
	}
	if !slices.Contains(all, f.DataType) {
		return f, fmt.Errorf("field %q: %q is not a data type: use one of %s", f.Name, f.DataType, strings.Join(all, ", "))
	}
	return f, nil
}

// Accepts returns an error if a value does not fit a field. The empty value always does: it
// clears the field.
func Accepts(f record.Field, value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch f.DataType {
	case "integer":
		_, err = strconv.ParseInt(value, 10, 64)
	case "float", "currency", "percent":
		var number float64
		if number, err = strconv.ParseFloat(value, 64); err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
			err = strconv.ErrRange
		}
	case "boolean":
		_, err = strconv.ParseBool(strings.ToLower(value))
	case "date", "dateTime":
		_, err = servicetime.Read(value)
	}
	if err != nil {
		return fmt.Errorf("field %s: %q is no %s", f.Name, value, f.DataType)
	}
	return nil
}
