package recording

func init() { maxFile = 1 << 20 }
