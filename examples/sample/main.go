// Sample reads settings as name=value lines and prints them as a table.
// It is small on purpose: gofleet builds and tests it on machines that have no network.
package main

import (
	"fmt"
	"os"
	"runtime"

	"example.com/sample/settings"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(runtime.Version())
		return
	}
	parsed, err := settings.Parse(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(settings.Table(parsed))
}
