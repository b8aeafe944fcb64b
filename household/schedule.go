package household

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ringfence/screening"
)

// mostSpans is how many times a schedule may have: every call goes through them.
const mostSpans = 50

// SeenWeek is what a form of the schedule shows, for the form to carry.
func SeenWeek(week []screening.Span) string { return written(map[string]string{"week": lines(week)}) }

func lines(week []screening.Span) string {
	var all []string
	for _, span := range week {
		all = append(all, span.String())
	}
	return strings.Join(all, "\n")
}

// ReplaceWeek replaces the schedule.
func (a Admin) ReplaceWeek(ctx context.Context, seen string, week []screening.Span) (Done, error) {
	return a.changeWeek(ctx, seen, "The schedule is changed.", func([]screening.Span) ([]screening.Span, error) { return week, nil })
}

// PaintWeek changes the half hours that somebody has painted over. The error of paint is a plain sentence.
func (a Admin) PaintWeek(ctx context.Context, seen string, paint func(*screening.Grid) error) (Done, error) {
	return a.changeWeek(ctx, seen, "The week is as you painted it.", func(was []screening.Span) ([]screening.Span, error) {
		grid := screening.GridOf(was)
		if err := paint(&grid); err != nil {
			return nil, err
		}
		return screening.Repaint(was, grid)
	})
}

// AddTime adds a time as the last, which wins. If it exists already, it becomes the last.
func (a Admin) AddTime(ctx context.Context, seen string, span screening.Span) (Done, error) {
	return a.changeWeek(ctx, seen, "Added: "+SpanInWords(span)+".", func(was []screening.Span) ([]screening.Span, error) {
		return append(slices.DeleteFunc(slices.Clone(was), func(s screening.Span) bool { return s == span }), span), nil
	})
}

// RemoveTime removes the time that is written like this.
func (a Admin) RemoveTime(ctx context.Context, seen, span string) (Done, error) {
	return a.changeWeek(ctx, seen, "That time is removed.", func(was []screening.Span) ([]screening.Span, error) {
		week := slices.DeleteFunc(slices.Clone(was), func(s screening.Span) bool { return s.String() == span })
		if len(week) == len(was) {
			return nil, refuseAs(Gone, "That time isn't in the week any more.")
		}
		return week, nil
	})
}

// ClearWeek removes all times.
func (a Admin) ClearWeek(ctx context.Context, seen string) (Done, error) {
	return a.changeWeek(ctx, seen, "All times are removed: every hour is the same.", func([]screening.Span) ([]screening.Span, error) { return nil, nil })
}

func (a Admin) changeWeek(ctx context.Context, seen, told string, next func(was []screening.Span) ([]screening.Span, error)) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		was, err := a.Store.Spans(ctx, a.Household)
		if err != nil {
			return change{}, err
		}
		if err := fresh(seen, SeenWeek(was), WeekInWords(was)); err != nil {
			return change{}, err
		}
		week, err := next(was)
		if err == nil {
			err = checkWeek(was, week)
		}
		if err != nil {
			return change{}, because(Unfit, err)
		}
		return a.replaceWeek(ctx, was, week, told)
	})
}

// checkWeek says in a plain sentence what is wrong with a schedule.
func checkWeek(was, week []screening.Span) error {
	if len(week) > mostSpans {
		return fmt.Errorf("this week has %d different times, and more than %d would slow calls down: remove some, or paint larger blocks", len(week), mostSpans)
	}
	for i, span := range week {
		if err := span.Validate(); err != nil && !slices.Contains(was, span) { // a newer version may have set it
			return err
		}
		if slices.Contains(week[:i], span) {
			return fmt.Errorf("%s is there twice: remove one of them", span)
		}
	}
	return nil
}

func (a Admin) replaceWeek(ctx context.Context, was, week []screening.Span, told string) (change, error) {
	if slices.Equal(was, week) {
		return unchanged("the week was like this already"), nil
	}
	return change{
		word: ScheduleChanged, sentence: told, before: WeekInWords(was), after: WeekInWords(week),
		undo: &undo{What: ScheduleChanged, Week: &weekUndo{Before: was, After: week}},
	}, a.Store.SetWeek(ctx, a.Household, week)
}

// weekUndo is the schedule before and after.
type weekUndo struct {
	Before []screening.Span `json:"before"`
	After  []screening.Span `json:"after"`
}

func (a Admin) undoWeek(ctx context.Context, back undo) (change, error) {
	u := *back.Week
	was, err := a.Store.Spans(ctx, a.Household)
	if err != nil {
		return change{}, err
	}
	if !slices.Equal(was, u.After) {
		return change{}, tooLate(WeekInWords(was))
	}
	return a.replaceWeek(ctx, was, u.Before, "the week is as before.")
}

// WeekInWords is a schedule as people say it.
func WeekInWords(week []screening.Span) string {
	if len(week) == 0 {
		return "Every hour is the same."
	}
	var all []string
	for _, span := range week {
		all = append(all, SpanInWords(span))
	}
	return strings.Join(all, ". ") + "."
}

// SpanInWords is a time of the week as people say it.
func SpanInWords(span screening.Span) string {
	what := "“" + ModeName(span.Mode) + "”"
	if span.Quiet {
		what = "quiet hours"
	}
	times := span.From.String() + " to " + span.To.String()
	switch {
	case span.From == 0 && span.To == 0:
		times = "the whole day"
	case span.From == span.To:
		times = "from " + span.From.String() + " for a whole day"
	case span.To < span.From && span.To > 0:
		times += " the next morning"
	case span.To == 0:
		times = span.From.String() + " to midnight"
	}
	return daysInWords(span.Days) + ", " + times + ": " + what
}

// daysInWords are some days as people say them.
func daysInWords(d screening.Days) string {
	var names []string
	for _, day := range screening.Weekdays() {
		if d.Has(day) {
			names = append(names, day.String())
		}
	}
	switch d {
	case screening.Daily:
		return "Every day"
	case screening.DaysOf(screening.Weekdays()[:5]...):
		return "Monday to Friday"
	}
	if len(names) > 2 && strings.Count(d.String(), ",") == 0 { // in a row
		return names[0] + " to " + names[len(names)-1]
	}
	return screening.Listed(names, "and")
}
