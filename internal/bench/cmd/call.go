package main

func callTasks() ([]*task, func(), error) { return nil, func() {}, nil }
