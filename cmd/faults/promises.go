package main

import (
	"fmt"
	"slices"
	"time"

	"ringfence/cmd/faults/figures"
)

// promise is something that a family can rely on, and how it is proved.
type promise struct {
	sentence string
	tests    []test
	// cells says which cells of the table are about the promise, and whether it held there; nil if none are.
	cells func(figures.Cell) (about, held bool)
	// worst sums up the cells that are about it in a few words; nil: only their number is given.
	worst func([]figures.Cell) string
}

// test is a test by its package and name.
type test struct {
	pkg, name string
	alone     bool // runs by itself, because of what it measures or does to the machine
}

const (
	calls    = "./cmd/ringfence"
	theTable = "TestFaultTable"
)

var table = of(calls, theTable)

// promises are in the order in which a family would ask.
var promises = []promise{
	{
		sentence: "Whatever breaks while somebody waits to be put through, the phone rings and the two can talk.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.Rang != figures.NotFit, c.Rang == figures.Yes && c.Talked != figures.No
		},
		worst: func(all []figures.Cell) string {
			return "rang after " + seconds(longest(all, func(c figures.Cell) time.Duration { return c.RangAfter })) + " at the latest"
		},
	},
	{
		sentence: "Two people who are talking go on talking.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.Promise == figures.KeepTalking && c.Talked != figures.NotFit, c.Talked == figures.Yes
		},
	},
	{
		sentence: "999 goes out, and so does every other number.",
		tests:    slices.Concat(table, of(calls, "TestHelpIsCalledWithoutTheDisk")),
		cells: func(c figures.Cell) (about, held bool) {
			return c.Promise == figures.GetsOut && c.Talked != figures.NotFit, c.Talked == figures.Yes
		},
	},
	{
		sentence: "The next call rings.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.Next != figures.NotFit && !c.AllLost, c.Next == figures.Yes
		},
	},
	{
		sentence: "Nobody is left in silence for more than 20 seconds.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return !c.AllLost, c.Silence <= 20*time.Second
		},
		worst: func(all []figures.Cell) string {
			return "the longest silence was " + seconds(longest(all, func(c figures.Cell) time.Duration { return c.Silence }))
		},
	},
	{
		sentence: "A blocked caller still never rings the phone.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.Promise == figures.TurnedAway && !c.AllLost, len(c.Broken) == 0
		},
	},
	{
		sentence: "Every call is in the list of calls, with how it ended.",
		tests:    table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.Logged != figures.NotFit, c.Logged == figures.Yes
		},
	},
	{
		sentence: "If Asterisk itself dies, the calls on the line are lost: people hear silence, or go on hearing it ring, until they hang up. " +
			"The next call rings once Asterisk has started again.",
		tests: table,
		cells: func(c figures.Cell) (about, held bool) {
			return c.AllLost, c.Next == figures.Yes && (c.Lost == figures.Silence || c.Lost == figures.Ringing)
		},
		worst: func(all []figures.Cell) string {
			silent := 0
			for _, c := range all {
				if c.Lost == figures.Silence {
					silent++
				}
			}
			return fmt.Sprintf("%d heard silence, and %d the ringing tone; the next call rang %s after Asterisk had died, at the latest",
				silent, len(all)-silent, seconds(longest(all, func(c figures.Cell) time.Duration { return c.NextAfter })))
		},
	},
	{
		sentence: "A flood of calls keeps neither your contacts nor 999 from getting through.",
		tests:    alone(of(calls, "TestFloodOfBlockedCallers", "TestFloodOfScreenedCallers")),
	},
	{
		sentence: "A disk that fills up, or a card that breaks, keeps no phone from ringing.",
		tests: of(calls, "TestATelephoneRegistersWithoutTheDisk", "TestAStartWithoutTheDisk", "TestADiskThatFailsDuringACall",
			"TestACallerWhoCannotBeRecordedRings"),
	},
	{
		sentence: "A network that comes up late, or changes its addresses, needs nobody to put it right.",
		tests:    alone(of(calls, "TestAddressThatComesAfterTheStart", "TestPortThatAnotherProgramHas", "TestAddressThatChanges")),
	},
	{
		sentence: "A clock that jumps by an hour keeps no phone from ringing for long.",
		tests: of(calls, "TestClockSetForwardAndTheTelephoneRings", "TestClockSetForwardDuringACall", "TestClockSetBackWithTheApplicationDead",
			"TestClockSetBackWhileACallerWaitsForThePhones"),
	},
	{
		sentence: "Anything Ringfence told you it saved is still there after a power cut.",
		tests:    alone(of(calls, "TestPowerCut")),
	},
	{
		sentence: "An upgrade that is cut off at any moment loses nothing, and can be undone.",
		tests:    of(calls, "TestAnUpgradeIsKilled"),
	},
	{
		sentence: "Ringfence notices a damaged database, tells you, replaces it, and screens callers again within a minute.",
		tests:    of(calls, "TestADamagedDatabaseIsReplaced", "TestADamagedDatabaseIsReplacedAtTheStart", "TestADamagedLogIsToldOf"),
	},
	{
		sentence: "A locked database keeps no caller waiting.",
		tests:    of(calls, "TestALockedDatabaseHoldsUpNoCaller"),
	},
	{
		sentence: "Half a message is a message: what a caller has said is kept.",
		tests:    of(calls, "TestHalfAMessageWithTheApplicationDead"),
	},
	{
		sentence: "Whatever a caller's equipment sends, the call is screened like any other.",
		tests: of(calls, "TestANameThatIsNoUTF8", "TestACallIDThatIsNoUTF8", "TestACallThatAsteriskCannotHandOverIsScreened",
			"TestNoBytesOfABlockedCallerMakeATelephoneRing"),
	},
	{
		sentence: "Nothing but a number can be dialled, and no phone can have its calls sent on to numbers that cost you money.",
		tests:    of(calls, "TestOnlyNumbersAreDialled", "TestNoTelephoneSendsCallsElsewhere"),
	},
	{
		sentence: "Whoever guesses the passwords of your phones is soon refused, and you are told.",
		tests:    of(calls, "TestGuessingOfPasswordsIsSlowed", "TestAGuesserCannotHideInTheLog"),
	},
	{
		sentence: "Nobody gets an honest number onto a group's list by making up many households.",
		tests:    of("./sharing/hub", "TestAThousandKeysOfOneLink"),
	},
}

// of names tests of one package.
func of(pkg string, names ...string) (all []test) {
	for _, name := range names {
		all = append(all, test{pkg: pkg, name: name})
	}
	return all
}

func alone(tests []test) []test {
	for i := range tests {
		tests[i].alone = true
	}
	return tests
}

func longest(all []figures.Cell, of func(figures.Cell) time.Duration) (most time.Duration) {
	for _, c := range all {
		most = max(most, of(c))
	}
	return most
}

// seconds as people write them; tenths where there are few.
func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f seconds", d.Seconds())
	}
	return fmt.Sprintf("%.0f seconds", d.Seconds())
}
