package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"ringfence/app"
	"ringfence/store"
	"ringfence/web/identity"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Give somebody an account, or a place in a household."`
	Password userPasswordCmd `cmd:"" help:"Give somebody a new password, or a link with which they choose one."`
	List     userListCmd     `cmd:"" default:"withargs" help:"List who has an account (this is also what \"ringfence user\" alone does)."`
	Remove   userRemoveCmd   `cmd:"" help:"Take somebody's account away, or with --household their place there."`
}

// withPeople opens the store for what is about people, who may belong to several households.
func (p *program) withPeople(ctx context.Context, do func(settings, *store.Store) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(db.InWords(do(s, db)), db.Close())
}

// somebody finds who has an e-mail address.
func somebody(ctx context.Context, db *store.Store, email string) (store.Person, error) {
	person, _, err := db.PersonByEmail(ctx, email)
	if errors.Is(err, store.ErrNoPerson) {
		return person, fmt.Errorf("nobody signs in with %s: `ringfence user list` shows who does", email)
	}
	return person, err
}

// changed notes in the log of changes of households what a command has done with a person.
func changed(ctx context.Context, db *store.Store, households []string, what, format string, args ...any) error {
	if len(households) == 0 {
		households = []string{""} // the machine's
	}
	var errs []error
	for _, h := range households {
		errs = append(errs, db.AddAuditLine(ctx, &store.AuditLine{Household: h, At: time.Now(), By: store.ByCommand, What: what, Text: fmt.Sprintf(format, args...)}))
	}
	return errors.Join(errs...)
}

// did says what a command has done, and notes the same in the household's log of changes.
func (p *program) did(ctx context.Context, db *store.Store, household, what, format string, args ...any) error {
	return errors.Join(changed(ctx, db, []string{household}, what, format, args...), p.say(format, args...))
}

func householdsOf(ctx context.Context, db *store.Store, person int64) (names []string, err error) {
	all, err := db.Memberships(ctx, person)
	for _, m := range all {
		names = append(names, m.Household)
	}
	return names, err
}

type userAddCmd struct {
	Email string `arg:"" help:"With which they sign in."`
	Name  string `help:"What the household calls them; needed for a new account." placeholder:"NAME"`
	Role  string `help:"viewer (sees, changes nothing), carer (changes), or owner (also people and backups)." enum:"viewer,carer,owner" default:"carer"`
	Hears bool   `help:"May hear recordings." default:"true" negatable:""`
	All   bool   `name:"all-households" help:"In every household of this machine."`
}

func (userAddCmd) Help() string {
	return "Who has an account already gets a place in another household, or another role in this one.\n\n" +
		"Example: ringfence user add anna@example.org --name \"Anna Taylor\" --role owner\n" +
		"         ringfence user add ben@example.org --name Ben --no-hears"
}

func (c userAddCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s settings, db *store.Store) error {
		var homes []string
		if c.All {
			for _, h := range s.Households {
				homes = append(homes, h.Name)
			}
		} else {
			h, err := p.household(s)
			if err != nil {
				return err
			}
			homes = []string{h.Name}
		}
		person, made, err := c.person(ctx, db)
		if err != nil {
			return err
		}
		for _, home := range homes {
			if err := db.SetMembership(ctx, home, person.ID, store.Role(c.Role), c.Hears); err != nil {
				if made {
					err = errors.Join(err, db.RemovePerson(ctx, person.ID))
				}
				return fmt.Errorf("%s: %w", home, err)
			}
			if err := changed(ctx, db, []string{home}, "member-set", "%s is %s now.", person.Name, place(c.Role, c.Hears)); err != nil {
				return err
			}
		}
		if err := p.say("%s (%s) is %s of %s.", person.Name, person.Email, place(c.Role, c.Hears), strings.Join(homes, ", ")); err != nil {
			return err
		}
		if person.HasPassword {
			return nil
		}
		return p.say("There is no password yet: `ringfence user password %s` sets one, and with --link makes a link to choose one.", person.Email)
	})
}

func (c userAddCmd) person(ctx context.Context, db *store.Store) (person store.Person, made bool, err error) {
	person, _, err = db.PersonByEmail(ctx, c.Email)
	if err == nil && c.Name != "" && c.Name != person.Name {
		return person, false, fmt.Errorf("%s has an account already, and is called %s: leave --name out", person.Email, person.Name)
	}
	if !errors.Is(err, store.ErrNoPerson) {
		return person, false, err
	}
	if c.Name == "" {
		return person, false, usagef("%s has no account yet: say with --name what they are called", c.Email)
	}
	person, err = db.AddPerson(ctx, c.Name, c.Email)
	return person, true, err
}

// place is a role in words.
func place(role string, hears bool) string {
	words := map[string]string{"viewer": "a viewer", "carer": "a carer", "owner": "an owner"}[role]
	if !hears {
		words += " (without hearing recordings)"
	}
	return words
}

type userPasswordCmd struct {
	Email     string `arg:"" help:"Whose."`
	Link      bool   `help:"Print a link with which they choose a password themselves. It opens once, within a day."`
	ForgetApp bool   `help:"Also ask for no code of an app any more, where they have lost it."`
}

// passwordLinkLasts is how long a link to choose a password opens.
const passwordLinkLasts = 24 * time.Hour

func (userPasswordCmd) Help() string {
	return "Asks for the password, or reads one line from the standard input. They are signed out everywhere.\n\n" +
		"Example: ringfence user password anna@example.org\n         ringfence user password anna@example.org --link"
}

func (c userPasswordCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s settings, db *store.Store) error {
		person, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		homes, err := householdsOf(ctx, db, person.ID)
		if err != nil {
			return err
		}
		if c.ForgetApp {
			if err := db.RemoveTOTP(ctx, person.ID); err != nil {
				return err
			}
			if err := changed(ctx, db, homes, "totp-off", "%s signs in without codes of an app now.", person.Name); err != nil {
				return err
			}
		}
		if c.Link {
			token, err := db.MakePasswordLink(ctx, person.ID, time.Now().Add(passwordLinkLasts))
			if err != nil {
				return err
			}
			if err := changed(ctx, db, homes, "password-link", "A link to choose a new password was made for %s.", person.Name); err != nil {
				return err
			}
			return p.say("Within a day, %s can choose a password at this address, once:\n%s/password/%s", person.Name, s.Web.Address(), token)
		}
		password, err := p.newPassword(ctx, person.Name, person.Email)
		if err != nil {
			return err
		}
		hash, err := hashed(ctx, password)
		if err != nil {
			return err
		}
		if err := db.SetPassword(ctx, person.ID, hash, 0); err != nil {
			return err
		}
		if err := changed(ctx, db, homes, "password-set", "%s has a new password.", person.Name); err != nil {
			return err
		}
		return p.say("%s has a new password, and is signed out everywhere.", person.Name)
	})
}

func hashed(ctx context.Context, password string) (string, error) {
	passwords, err := identity.NewPasswords()
	if err != nil {
		return "", err
	}
	return passwords.Hash(ctx, password)
}

// newPassword asks for a password, twice and unseen where somebody types it.
func (p *program) newPassword(ctx context.Context, name, email string) (string, error) {
	terminal, isFile := p.in.(*os.File)
	if !isFile || !term.IsTerminal(int(terminal.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(p.in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("the password cannot be read: %w", err)
		}
		return goodPassword(strings.TrimRight(line, "\r\n"), name, email)
	}
	first, err := p.unseen(ctx, terminal, fmt.Sprintf("New password of %s: ", name))
	if err != nil {
		return "", err
	}
	if first, err = goodPassword(first, name, email); err != nil {
		return "", err
	}
	again, err := p.unseen(ctx, terminal, "The same again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", errors.New("the two are not the same: nothing was changed")
	}
	return first, nil
}

// goodPassword refuses a bad one, in the one plain sentence of a command's error.
func goodPassword(password, name, email string) (string, error) {
	if err := identity.CheckPassword(password, name, email); err != nil {
		return "", errors.New(plainClause(err.Error()))
	}
	return password, nil
}

// plainClause makes a sentence for pages into what a command's error says.
func plainClause(sentence string) string {
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}

// unseen reads a line that is not shown. Interrupted, it leaves the terminal as it was.
func (p *program) unseen(ctx context.Context, terminal *os.File, question string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(p.err, question)
	type answer struct {
		line []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		read <- answer{line, err}
	}()
	defer fmt.Fprintln(p.err)
	select {
	case a := <-read:
		return string(a.line), a.err
	case <-ctx.Done():
		return "", errors.Join(errors.New("interrupted: nothing was changed"), term.Restore(fd, before))
	}
}

type userListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (userListCmd) Help() string {
	return "Example: ringfence user list --json\n         ringfence user"
}

// jsonUser is a contract: fields are added, never renamed.
type jsonUser struct {
	Email      string       `json:"email"`
	Name       string       `json:"name"`
	Households []jsonMember `json:"households"`
	Password   bool         `json:"password"`
	Codes      bool         `json:"codes"`    // of an app
	Passkeys   int          `json:"passkeys"` // how many
	Added      time.Time    `json:"added"`
}

type jsonMember struct {
	Household string     `json:"household"`
	Role      store.Role `json:"role"`
	Hears     bool       `json:"hears"`
}

func (c userListCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(_ settings, db *store.Store) error {
		people, err := db.People(ctx)
		if err != nil {
			return err
		}
		var users []jsonUser
		for _, person := range people {
			u, err := user(ctx, db, person)
			if err != nil {
				return err
			}
			if p.Household == "" || slices.ContainsFunc(u.Households, func(m jsonMember) bool { return m.Household == p.Household }) {
				users = append(users, u)
			}
		}
		if c.JSON {
			return printJSON(p, users, func(u jsonUser) jsonUser { return u })
		}
		if len(users) == 0 {
			return p.say("Nobody has an account yet: `ringfence user add EMAIL --name NAME --role owner` makes one.")
		}
		t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		_, err = fmt.Fprintln(t, "NAME\tE-MAIL\tHOUSEHOLDS\tSIGNS IN WITH")
		for _, u := range users {
			var homes []string
			for _, m := range u.Households {
				homes = append(homes, m.Household+": "+strings.TrimPrefix(strings.TrimPrefix(place(string(m.Role), m.Hears), "a "), "an "))
			}
			_, line := fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", u.Name, u.Email, strings.Join(homes, ", "), u.means())
			err = errors.Join(err, line)
		}
		return errors.Join(err, t.Flush())
	})
}

func user(ctx context.Context, db *store.Store, person store.Person) (jsonUser, error) {
	u := jsonUser{Email: person.Email, Name: person.Name, Households: []jsonMember{}, Password: person.HasPassword, Codes: person.HasTOTP, Added: person.Added}
	members, err := db.Memberships(ctx, person.ID)
	for _, m := range members {
		u.Households = append(u.Households, jsonMember(m))
	}
	keys, err2 := db.Passkeys(ctx, person.ID)
	u.Passkeys = len(keys)
	return u, errors.Join(err, err2)
}

// means is with what somebody signs in.
func (u jsonUser) means() string {
	var all []string
	if u.Password {
		all = append(all, "password")
	}
	if u.Codes {
		all = append(all, "codes of an app")
	}
	if u.Passkeys > 0 {
		all = append(all, "passkey")
	}
	if len(all) == 0 {
		return "nothing yet"
	}
	return strings.Join(all, ", ")
}

type userRemoveCmd struct {
	Email string `arg:"" help:"Whose."`
}

func (userRemoveCmd) Help() string {
	return "They are signed out at once. A household keeps at least one owner.\n\n" +
		"Example: ringfence user remove ben@example.org\n         ringfence --household mother user remove ben@example.org"
}

func (c userRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s settings, db *store.Store) error {
		person, err := somebody(ctx, db, c.Email)
		if err != nil {
			return err
		}
		if p.Household != "" {
			h, err := p.household(s)
			if err != nil {
				return err
			}
			gone, err := db.RemoveMembership(ctx, h.Name, person.ID)
			if err == nil && !gone {
				err = fmt.Errorf("%s does not belong to %s", person.Name, h.Name)
			}
			if err != nil {
				return err
			}
			return errors.Join(changed(ctx, db, []string{h.Name}, "member-removed", "%s does not belong to this household any more.", person.Name),
				p.say("%s does not belong to %s any more.", person.Name, h.Name))
		}
		homes, err := householdsOf(ctx, db, person.ID)
		if err != nil {
			return err
		}
		if err := db.RemovePerson(ctx, person.ID); err != nil {
			return err
		}
		return errors.Join(changed(ctx, db, homes, "person-removed", "%s has no account any more.", person.Name),
			p.say("%s has no account any more.", person.Name))
	})
}
