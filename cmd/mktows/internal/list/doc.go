// Package list has the commands under "mktows list". They change the members of static lists with listOperation, and
// import leads into lists with importToList. The two name lists differently: the first by the name in the lead
// database, the second by program and name.
package list
