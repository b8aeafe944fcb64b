package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// The numbers are those of mobile telephones, for no other range holds ten million; they never leave the temporary folder.
const (
	firstNumber = 447_100_000_000
	apart       = 71      // no two are neighbours, and between them are numbers that no list has
	between     = 41      // so far from a number of a list is one that is on none
	stride      = 600_011 // primes: with them numbers come in no order, and each once
	otherStride = 700_001
)

// numbers are those of all lists. They lie between each other.
type numbers struct{ all, first, lists int }

// of is how many are on a list: the first has so many as others are compared with, the others share the rest.
func (n numbers) of(list int) int {
	if list == 0 {
		return n.first
	}
	return (n.all - n.first) / (n.lists - 1)
}

// at is a list's i-th number.
func (n numbers) at(list, i int) int { return firstNumber + apart*(i*n.lists+list) }

func (n numbers) entries(list int) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for i := range n.of(list) {
			e := lists.Entry{Digits: strconv.Itoa(n.at(list, i)), Confidence: 0.8, Category: "tech-support", Reporters: 5, Last: 20_000}
			if !yield(e, nil) {
				return
			}
		}
	}
}

const (
	plainFile  = "plain.txt"
	firstCSV   = "first.csv"
	secondCSV  = "second.csv" // half of the numbers are others, and of the rest it says something else
	configFile = "ringfence.toml"
	dataFolder = "data"
	household  = "home"
	region     = "GB"
)

// prepare writes the files that are imported, and what the program needs.
func (b *bench) prepare() error {
	config := `[[trunk]]
name = "line"
address = "127.0.0.2:5062"
password = "not-needed-here"
[[household]]
name = "` + household + `"
trunk = "line"
number = "020 7946 0100"
[[household.phone]]
name = "hall"
password = "not-needed-here"
`
	if err := os.WriteFile(filepath.Join(b.dir, configFile), []byte(config), 0o600); err != nil {
		return err
	}
	for _, folder := range []string{"plain", "csv", dataFolder} {
		if err := os.MkdirAll(filepath.Join(b.dir, folder), 0o700); err != nil {
			return err
		}
	}
	each := b.numbers.first
	return errors.Join(
		b.write(plainFile, func(w *bufio.Writer) {
			for i := range each {
				fmt.Fprintf(w, "+%d\n", b.numbers.at(0, i))
			}
		}),
		b.write(firstCSV, func(w *bufio.Writer) {
			fmt.Fprintln(w, "number,confidence,category,note")
			for i := range each {
				fmt.Fprintf(w, "+%d,0.8,tech-support,says that the computer is broken\n", b.numbers.at(0, i*stride%each))
			}
		}),
		b.write(secondCSV, func(w *bufio.Writer) {
			fmt.Fprintln(w, "number,confidence,category,note")
			for i := range each {
				k := (i*otherStride + 5) % each
				fmt.Fprintf(w, "+%d,0.9,bank,says that the card was stolen\n", b.numbers.at(0, k)+k%2)
			}
		}),
	)
}

func (b *bench) write(name string, contents func(*bufio.Writer)) error {
	f, err := os.Create(filepath.Join(b.dir, name))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	contents(w)
	return errors.Join(w.Flush(), f.Close())
}

// fill fills lists until there are so many, and the household with what others have there.
func (b *bench) fill(ctx context.Context, lists int) error {
	db, err := store.Open(ctx, filepath.Join(b.dir, dataFolder, databaseFile))
	if err != nil {
		return err
	}
	err = b.fillHouse(ctx, db)
	for ; b.filled < lists && err == nil; b.filled++ {
		name := fmt.Sprintf("list-%d", b.filled)
		b.say("filling " + name)
		_, err = db.Lists.Replace(ctx, household, name, "bench", b.numbers.entries(b.filled))
	}
	return errors.Join(err, db.Close())
}

// The household knows a hundred people and has blocked some numbers.
const contacts, blocks = 100, 20

func (b *bench) fillHouse(ctx context.Context, db *store.Store) error {
	if err := db.EnsureHousehold(ctx, household); err != nil {
		return err
	}
	if known, err := db.Contacts(ctx, household); err != nil || len(known) > 0 {
		return err
	}
	for i := range contacts {
		if err := db.AddContact(ctx, household, fmt.Sprintf("Contact %d", i), screening.Number(fmt.Sprintf("+442079460%03d", i))); err != nil {
			return err
		}
	}
	for i := range blocks {
		if err := db.AddBlock(ctx, household, screening.Block{Digits: fmt.Sprintf("44909879%04d", i)}, "bench"); err != nil {
			return err
		}
	}
	return nil
}
