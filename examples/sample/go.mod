module example.com/sample

go 1.21

require (
	github.com/rivo/uniseg v0.4.7
	go.uber.org/multierr v1.11.0
)
