package settings_test

import (
	"strings"
	"testing"

	"go.uber.org/multierr"

	"example.com/sample/settings"
)

func TestTable(t *testing.T) {
	parsed, err := settings.Parse(strings.NewReader("# sizes\nhost = a\n\n名前 = b\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := settings.Table(parsed), "host  a\n名前  b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryBadLineIsReported(t *testing.T) {
	_, err := settings.Parse(strings.NewReader("one\nname=value\ntwo\n"))
	if got := len(multierr.Errors(err)); got != 2 {
		t.Errorf("got %d errors, want 2: %v", got, err)
	}
}
