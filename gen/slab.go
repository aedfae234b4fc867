package gen

// slab hands out lists of records from larger arrays, so that a page of a thousand
// records costs a few allocations. A nested list of the same type is allowed.
type slab[T any] struct {
	free []T // length 0; the capacity is what is left of the array
	next int // how many records the next array gets
}

// take begins a list.
func (s *slab[T]) take() []T {
	list := s.free
	s.free = nil
	return list
}

// grow appends a zero record.
func (s *slab[T]) grow(list []T) []T {
	if len(list) < cap(list) {
		return list[:len(list)+1]
	}
	s.next = max(2*len(list), min(2*s.next, 1024), 4)
	bigger := make([]T, len(list)+1, s.next)
	copy(bigger, list)
	return bigger
}

// give ends a list: it returns the records, or nil when there are none, and keeps the
// rest of the array for the next list.
func (s *slab[T]) give(list []T) []T {
	if cap(list)-len(list) > cap(s.free) {
		s.free = list[len(list):len(list):cap(list)]
	}
	if len(list) == 0 {
		return nil
	}
	return list[:len(list):len(list)]
}
