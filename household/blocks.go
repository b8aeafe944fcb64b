package household

import (
	"context"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

// BlockRequest is a block that somebody wants.
type BlockRequest struct {
	Number      string // as typed: a number, or its first digits if Prefix is set
	Prefix      bool
	Note        string
	Farewell    screening.Farewell // "": the inspection message
	Sure        bool               // even if it blocks a great many numbers
	EvenContact bool               // a contact's number is taken away from the contact; otherwise it is not blocked
	Change      bool               // an existing block gets this note and farewell
}

var errBlockGone = refuseAs(Gone, "This block isn't there any more. Somebody may have removed it.")

// Block turns the caller of a call away from now on.
func (a Admin) Block(ctx context.Context, n screening.Number, note string) (Done, error) {
	if n == "" {
		return Done{}, errNoNumber
	}
	return a.AddBlock(ctx, BlockRequest{Number: string(n), Note: note})
}

// AddBlock turns a caller away from now on, or all callers whose numbers start with the same digits. A contact is refused: anybody can show a
// daughter's number. Digits that are a calling code are the rule for its countries; Done then has no ID.
func (a Admin) AddBlock(ctx context.Context, r BlockRequest) (Done, error) {
	if country, is := a.countryOfPrefix(r.Number, r.Prefix); is {
		return a.blockCountry(ctx, country, r)
	}
	b, err := a.readBlock(r)
	if err != nil {
		return Done{}, err
	}
	what, more := a.blocked(b), ": it won't ring any more."
	if b.Prefix {
		reach := screening.ReachOf(b.Digits, a.Complete(screening.Household{}))
		switch {
		case reach.Nothing:
			return Done{}, refuse("%s", reach.Warning())
		case reach.Wide() && !r.Sure:
			return Done{}, refuseAs(NotSure, "%s", reach.Warning())
		}
		what, more = "Every number starting "+reach.Written, ". "+reach.Warning()
	}
	done, err := a.do(ctx, func(ctx context.Context) (change, error) {
		there, found, err := a.Store.BlockOf(ctx, a.Household, b.Digits, b.Prefix)
		switch {
		case err != nil:
			return change{}, err
		case found && r.Change:
			return a.changeBlock(ctx, there, b.Note, b.Farewell)
		case found:
			return change{sentence: what + " is blocked already."}, nil
		}
		contact, err := a.takeFromContact(ctx, b, r.EvenContact)
		if err != nil {
			return change{}, err
		}
		if err := a.Store.AddBlock(ctx, a.Household, b, a.Actor.String()); err != nil {
			return change{}, err
		}
		return change{
			word: BlockAdded, sentence: what + " is blocked" + more, after: a.blockInWords(b), undo: &undo{What: BlockAdded, Made: &b, Contact: contact},
		}, nil
	})
	if err != nil {
		return done, err
	}
	made, _, err := a.Store.BlockOf(ctx, a.Household, b.Digits, b.Prefix)
	done.ID = made.ID
	return done, err
}

// readBlock reads what somebody has typed.
func (a Admin) readBlock(r BlockRequest) (b screening.Block, err error) {
	b = screening.Block{Prefix: r.Prefix, Note: strings.TrimSpace(r.Note), Farewell: r.Farewell}
	if b.Farewell == "" {
		b.Farewell = screening.Inspection
	}
	if err := fitBlock(b); err != nil {
		return b, err
	}
	if r.Prefix {
		if b.Digits, err = screening.ParsePrefix(r.Number, a.Region); err != nil {
			return b, because(Unfit, err)
		}
		return b, nil
	}
	n, err := a.ParseNumber(r.Number)
	if err != nil {
		return b, because(Unfit, err)
	}
	if n.IsInternal() {
		return b, refuse("%s can't be blocked: it is a phone or a door bell of your own router.", n)
	}
	if whose, never := screening.NeverBlocked(n, a.Region); never {
		return b, refuse("%s can't be blocked: it is %s.", a.national(n), whose)
	}
	b.Digits = n.Digits()
	return b, nil
}

func fitBlock(b screening.Block) error {
	if err := b.Check(); err != nil {
		return because(Unfit, err)
	}
	return nil
}

// takeFromContact refuses to block a contact's number; with even it takes the number from the contact instead, and returns the contact as it was.
func (a Admin) takeFromContact(ctx context.Context, b screening.Block, even bool) (*store.Contact, error) {
	n := screening.NumberOf(b.Digits)
	if b.Prefix { // of a contact's beginning that is shorter or longer, the longest counts
		n = screening.Number("+" + b.Digits + "*")
	}
	c, is, err := a.Store.ContactByNumber(ctx, a.Household, n)
	if err == nil && !is && a.Actor.Way == store.WayTelephone && !even { // one key blocks no number of a hospital's
		c, is, err = a.contactOf(ctx, n)
	}
	switch {
	case err != nil || !is:
		return nil, err
	case !even || b.Prefix:
		return nil, refuse("%s is the number of the contact %s, and contacts always get through. To block it, remove it from the contact first.", a.national(n), a.called(c))
	}
	_, err = a.Store.RemoveContactNumber(ctx, a.Household, n)
	return &c, err
}

// SeenBlock is what the page shows of a block that can be changed, for its form.
func SeenBlock(b screening.Block) string {
	return written(map[string]string{"note": b.Note, "farewell": string(b.Farewell)})
}

// EditBlock changes the note and the farewell of a block; nil leaves one as it is. seen is what the form showed, "" without a form.
func (a Admin) EditBlock(ctx context.Context, id int64, seen string, note *string, farewell *screening.Farewell) (Done, error) {
	return a.withBlock(ctx, id, func(ctx context.Context, b store.Block) (change, error) {
		if err := fresh(seen, SeenBlock(b.Block), "Blocked: "+a.blockInWords(b.Block)); err != nil {
			return change{}, err
		}
		wanted := b.Block
		if note != nil {
			wanted.Note = strings.TrimSpace(*note)
		}
		if farewell != nil {
			wanted.Farewell = *farewell
		}
		return a.changeBlock(ctx, b, wanted.Note, wanted.Farewell)
	})
}

func (a Admin) withBlock(ctx context.Context, id int64, deed func(context.Context, store.Block) (change, error)) (Done, error) {
	lookup := func(ctx context.Context) (store.Block, error) { return a.Store.BlockByID(ctx, a.Household, id) }
	return about(ctx, a, lookup, store.ErrNoBlock, errBlockGone, deed)
}

func (a Admin) changeBlock(ctx context.Context, before store.Block, note string, farewell screening.Farewell) (change, error) {
	after := before.Block
	after.Note, after.Farewell = note, farewell
	if after.Farewell == "" {
		after.Farewell = screening.Inspection
	}
	if err := fitBlock(after); err != nil {
		return change{}, err
	}
	if after == before.Block {
		return unchanged(a.blocked(after) + " was blocked like this already"), nil
	}
	if _, err := a.Store.EditBlock(ctx, a.Household, before.ID, after.Note, after.Farewell); err != nil {
		return change{}, err
	}
	return change{
		word: BlockChanged, sentence: "The block of " + a.blocked(after) + " is changed.", before: a.blockInWords(before.Block), after: a.blockInWords(after),
		undo: &undo{What: BlockChanged, Block: &before, Made: &after},
	}, nil
}

// RemoveBlock lifts a block.
func (a Admin) RemoveBlock(ctx context.Context, id int64) (Done, error) {
	return a.withBlock(ctx, id, a.liftBlock)
}

// Unblock lifts the block on a number, or on all that start with the same digits, as typed.
func (a Admin) Unblock(ctx context.Context, typed string, prefix bool) (Done, error) {
	if country, is := a.countryOfPrefix(typed, prefix); is {
		return a.RemoveCountries(ctx, country)
	}
	wanted, err := a.readBlock(BlockRequest{Number: typed, Prefix: prefix})
	if err != nil {
		old, found := a.oldBlock(ctx, typed)
		if prefix || !found {
			return Done{}, err
		}
		wanted = old
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		b, found, err := a.Store.BlockOf(ctx, a.Household, wanted.Digits, wanted.Prefix)
		if err != nil {
			return change{}, err
		}
		if !found {
			return change{}, refuseAs(Gone, "%s isn't blocked.", a.blocked(wanted))
		}
		return a.liftBlock(ctx, b)
	})
}

// oldBlock finds a block on digits that an earlier version took for a number, as its list shows them.
func (a Admin) oldBlock(ctx context.Context, typed string) (screening.Block, bool) {
	digits := strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r < '0' || r > '9' }), "")
	b, found, err := a.Store.BlockOf(ctx, a.Household, digits, false)
	return b.Block, found && err == nil
}

func (a Admin) liftBlock(ctx context.Context, b store.Block) (change, error) {
	_, err := a.Store.RemoveBlockByID(ctx, a.Household, b.ID)
	return change{
		word: BlockRemoved, sentence: a.blocked(b.Block) + " isn't blocked any more.", before: a.blockInWords(b.Block), undo: &undo{What: BlockRemoved, Block: &b},
	}, err
}

// blockMade finds the block that a deed has made, if it is still as the deed left it.
func (a Admin) blockMade(ctx context.Context, made screening.Block) (store.Block, error) {
	b, found, err := a.Store.BlockOf(ctx, a.Household, made.Digits, made.Prefix)
	switch {
	case err != nil:
		return b, err
	case !found:
		return b, errBlockGone
	case b.Note != made.Note || b.Farewell != made.Farewell:
		return b, refuseAs(Conflict, "That can't be undone any more: the block of %s has been changed since.", a.blocked(made))
	}
	return b, nil
}

func (a Admin) undoBlockAdded(ctx context.Context, u undo) (change, error) {
	b, err := a.blockMade(ctx, *u.Made)
	if err != nil {
		return change{}, err
	}
	c, err := a.liftBlock(ctx, b)
	if err == nil && u.Contact != nil {
		err = a.giveBack(ctx, *u.Contact)
	}
	return c, err
}

func (a Admin) undoBlockChanged(ctx context.Context, u undo) (change, error) {
	b, err := a.blockMade(ctx, *u.Made)
	if err != nil {
		return change{}, err
	}
	return a.changeBlock(ctx, b, u.Block.Note, u.Block.Farewell)
}

func (a Admin) undoBlockRemoved(ctx context.Context, u undo) (change, error) {
	return change{sentence: a.blocked(u.Block.Block) + " is blocked again."}, a.restoreBlock(ctx, *u.Block)
}

// restoreBlock restores a block that was lifted, unless the number has become a contact's.
func (a Admin) restoreBlock(ctx context.Context, b store.Block) error {
	if !b.Prefix {
		c, is, err := a.Store.ContactByNumber(ctx, a.Household, screening.NumberOf(b.Digits))
		if err != nil {
			return err
		}
		if is {
			return refuseAs(Conflict, "That can't be undone any more: %s is the number of %s now.", a.blocked(b.Block), a.called(c))
		}
	}
	return a.Store.RestoreBlock(ctx, a.Household, b)
}

// blocked is the number, or the first digits, that a block is on. It does not say how many numbers that is: counting them takes a tenth of a second,
// too long for a transaction.
func (a Admin) blocked(b screening.Block) string {
	return screening.Written(b.Digits, b.Prefix, a.Region)
}

// blockInWords describes all of a block.
func (a Admin) blockInWords(b screening.Block) string {
	words := a.blocked(b)
	if b.Note != "" {
		words += " (" + screening.CleanLine(b.Note, screening.LongestNote) + ")"
	}
	if b.Farewell != "" && b.Farewell != screening.Inspection {
		words += ", who hear " + FarewellInWords(b.Farewell)
	}
	return words
}

// FarewellInWords says what callers who are turned away hear.
func FarewellInWords(f screening.Farewell) string {
	switch f {
	case screening.NotWanted:
		return "that they are not wanted"
	case screening.Busy:
		return "the engaged tone"
	case screening.NotInService:
		return "that the number isn’t in service"
	default:
		return "the inspection message"
	}
}
