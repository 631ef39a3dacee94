// Package settings parses name=value lines and lays them out for people.
package settings

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"
	"go.uber.org/multierr"
)

// Setting is one line: a name and what it is set to.
type Setting struct {
	Name  string
	Value string
}

// Parse reads all lines and reports every bad one, not only the first.
func Parse(r io.Reader) ([]Setting, error) {
	var parsed []Setting
	var errs error
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found {
			errs = multierr.Append(errs, fmt.Errorf("line %d: no = in %q", number, line))
			continue
		}
		parsed = append(parsed, Setting{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return parsed, multierr.Append(errs, lines.Err())
}

// Table aligns the values by the width that the names have on a screen.
func Table(settings []Setting) string {
	widest := 0
	for _, each := range settings {
		widest = max(widest, uniseg.StringWidth(each.Name))
	}
	var table strings.Builder
	for _, each := range settings {
		gap := strings.Repeat(" ", widest-uniseg.StringWidth(each.Name))
		fmt.Fprintf(&table, "%s%s  %s\n", each.Name, gap, each.Value)
	}
	return table.String()
}
