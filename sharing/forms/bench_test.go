package forms

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkEntries reads a line of a list, as people have them.
func BenchmarkEntries(b *testing.B) {
	const lines = 10_000
	for name, form := range map[string]string{
		"plain": "+4420%08d\n", "national": "020 %08d\n", "CSV": "020%08d,0.9,tech-support,\"says, Microsoft\"\n",
	} {
		b.Run(name, func(b *testing.B) {
			var file strings.Builder
			if name == "CSV" {
				file.WriteString("number,confidence,category,note\n")
			}
			for n := range lines {
				fmt.Fprintf(&file, form, 30000000+7*n)
			}
			text := file.String()
			b.ReportAllocs()
			for b.Loop() {
				i := &Import{Region: "GB"}
				for _, err := range i.Entries(strings.NewReader(text)) {
					if err != nil {
						b.Fatal(err)
					}
				}
				if i.Added != lines {
					b.Fatal(i.Added, i.Refusals)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
		})
	}
}
