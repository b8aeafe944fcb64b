package notify

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The services that have fields of their own.

func byEmail() Service {
	return Service{
		ID: "email", Name: "E-mail", By: "by e-mail", Slow: true, build: buildEmail,
		Hint: "Ringfence sends from a mailbox: yours, or one made for it. Its provider's help pages give the mail server (“SMTP”). " +
			"Gmail, Yahoo and iCloud need an “app password”, which you make there first.",
		Fields: []Field{
			{ID: "to", Label: "Send to", Type: "email", Example: "anna@example.org"},
			{ID: "server", Label: "Mail server for sending", Type: "text", Example: "smtp.example.org"},
			{ID: "port", Label: "Port", Type: "number", Optional: true, Hint: "587 or 465, as the provider says; leave it empty for 587."},
			{ID: "user", Label: "User name", Type: "text", Example: "anna@example.org", Optional: true, Hint: "Mostly the mailbox's address. Empty for a mail server that asks for none."},
			{ID: "password", Label: "Password", Type: "password", Secret: true, Optional: true, Hint: "An app password, where the provider has them."},
			{ID: "from", Label: "Sent from", Type: "email", Example: "anna@example.org", Optional: true, Hint: "Empty is the user name."},
		},
	}
}

func buildEmail(v values) (Address, error) {
	if !isMail(v["to"]) {
		return Address{}, wrong("to", "This is not an e-mail address. Write it like anna@example.org.")
	}
	from := v["from"]
	switch {
	case from != "" && !isMail(from):
		return Address{}, wrong("from", "This is not an e-mail address. Write it like anna@example.org.")
	case from == "" && isMail(v["user"]):
		from = v["user"]
	case from == "":
		from = v["to"]
	}
	host := strings.TrimSuffix(v["server"], ".")
	if !isHost(host) {
		return Address{}, wrong("server", "This is not a mail server's name. Write it like smtp.example.org.")
	}
	port := 587
	if v["port"] != "" {
		var err error
		if port, err = strconv.Atoi(v["port"]); err != nil || port < 1 || port > 65535 {
			return Address{}, wrong("port", "The port is a number, mostly 587 or 465.")
		}
	}
	if v["password"] != "" && v["user"] == "" {
		return Address{}, wrong("user", "A password needs a user name, mostly the mailbox's address.")
	}
	q := url.Values{"from": {from}, "fromname": {"Ringfence"}, "to": {v["to"]}}
	if v["user"] != "" { // a password only ever goes over an encrypted connection
		q.Set("requirestarttls", "yes")
	}
	if port == 465 {
		q.Set("encryption", "ImplicitTLS")
	}
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/", RawQuery: q.Encode()}
	if v["user"] != "" {
		u.User = url.UserPassword(v["user"], v["password"])
	}
	return Address{u.String(), "E-mail to " + v["to"]}, nil
}

// isMail says whether a text is exactly one address, without a display name.
func isMail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && !strings.ContainsAny(text, ", \"") && len(text) <= 254
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func isHost(text string) bool {
	return len(text) <= 253 && hostName.MatchString(text) || strings.Count(text, ":") > 1 && isIPv6(text)
}

func byNtfy() Service {
	return Service{
		ID: "ntfy", Name: "ntfy", By: "by ntfy", build: buildNtfy,
		Hint: "Install the app “ntfy” on your phone and subscribe to a topic there. On ntfy.sh everybody who knows a topic's name can read it: " +
			"choose one that nobody can guess, such as ringfence-k3v9xq27ma.",
		Fields: []Field{
			{ID: "topic", Label: "Topic", Type: "text", Example: "ringfence-k3v9xq27ma", Secret: true},
			{ID: "server", Label: "Server", Type: "text", Example: "ntfy.sh", Optional: true, Hint: "Empty is ntfy.sh."},
			{ID: "token", Label: "Access token", Type: "password", Secret: true, Optional: true, Hint: "Only where the server asks for one: in its web page, Account, Access tokens."},
		},
	}
}

var topicName = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

func buildNtfy(v values) (Address, error) {
	if !topicName.MatchString(v["topic"]) {
		return Address{}, wrong("topic", "A topic has only letters, digits, - and _, at most 64 of them.")
	}
	s, err := server(v, "ntfy.sh", "Write only the server here, like ntfy.sh; the topic stands by itself.")
	if err != nil {
		return Address{}, err
	}
	u := url.URL{Scheme: "ntfy", Host: s.Host, Path: "/" + v["topic"], RawQuery: url.Values{"scheme": {s.Scheme}}.Encode()}
	if v["token"] != "" {
		u.User = url.UserPassword("", v["token"])
	}
	return Address{u.String(), "ntfy on " + s.Host}, nil
}

func byTelegram() Service {
	return Service{
		ID: "telegram", Name: "Telegram", By: "by Telegram", build: buildTelegram,
		Hint: "In Telegram, write /newbot to @BotFather: it gives you a token. Then open a chat with your new bot and press Start, " +
			"for a bot may not write first. Your own chat number is what @userinfobot answers you.",
		Fields: []Field{
			{ID: "token", Label: "The bot's token", Type: "password", Example: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", Secret: true},
			{ID: "chat", Label: "Chat number", Type: "text", Example: "123456789", Hint: "A group's begins with a minus sign; a channel has a name such as @our-street."},
		},
	}
}

var (
	botToken = regexp.MustCompile(`^[0-9]+:[a-zA-Z0-9_-]+$`)
	chatID   = regexp.MustCompile(`^(-?[0-9]+|@[A-Za-z0-9_-]+)$`)
)

func buildTelegram(v values) (Address, error) {
	if !botToken.MatchString(v["token"]) {
		return Address{}, wrong("token", "This is not a bot's token. It looks like 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw.")
	}
	if !chatID.MatchString(v["chat"]) {
		return Address{}, wrong("chat", "This is not a chat. It is a number such as 123456789, or a channel's name such as @our-street.")
	}
	id, key, _ := strings.Cut(v["token"], ":")
	q := url.Values{"chats": {v["chat"]}, "preview": {"no"}}
	u := url.URL{Scheme: "telegram", User: url.UserPassword(id, key), Host: "telegram", RawQuery: q.Encode()}
	return Address{u.String(), "Telegram, chat " + v["chat"]}, nil
}

func byMatrix() Service {
	return Service{
		ID: "matrix", Name: "Matrix", By: "by Matrix", build: buildMatrix,
		Hint: "Make an account for Ringfence on a Matrix server and invite it to a room that is not encrypted. In Element, its access token stands " +
			"under All settings, Help & About; the room's ID under the room's Settings, Advanced.",
		Fields: []Field{
			{ID: "server", Label: "Homeserver", Type: "text", Example: "matrix.org"},
			{ID: "token", Label: "Access token", Type: "password", Example: "syt_…", Secret: true},
			{ID: "room", Label: "Room", Type: "text", Example: "!abcdefgh:matrix.org", Hint: "Its ID, or an address such as #family:matrix.org."},
		},
	}
}

var roomName = regexp.MustCompile(`^[!#][^\s,;?]+$`)

func buildMatrix(v values) (Address, error) {
	if !roomName.MatchString(v["room"]) {
		return Address{}, wrong("room", "This is not a room. Write it like !abcdefgh:matrix.org or #family:matrix.org.")
	}
	s, err := server(v, "matrix.org", "Write only the homeserver here, like matrix.org.")
	if err != nil {
		return Address{}, err
	}
	q := url.Values{"rooms": {v["room"]}}
	if s.Scheme == "http" {
		q.Set("disableTLS", "yes")
	}
	u := url.URL{Scheme: "matrix", User: url.UserPassword("", v["token"]), Host: s.Host, RawQuery: q.Encode()}
	return Address{u.String(), "Matrix on " + s.Host}, nil
}

func byPushover() Service {
	return Service{
		ID: "pushover", Name: "Pushover", By: "by Pushover", build: buildPushover,
		Hint: "On pushover.net your user key is shown at the top right. “Create an Application/API Token” further down the page gives you the application's token.",
		Fields: []Field{
			{ID: "user", Label: "User key", Type: "password", Example: "uQiRzpo4DXghDmr9QzzfQu27cmVRsG", Secret: true},
			{ID: "token", Label: "Application's token", Type: "password", Example: "azGDORePK8gMaC0QOYAMyEEuzJnyUi", Secret: true},
		},
	}
}

var pushoverKey = regexp.MustCompile(`^[A-Za-z0-9]{20,40}$`)

func buildPushover(v values) (Address, error) {
	for field, what := range map[string]string{"user": "user key", "token": "application's token"} {
		if !pushoverKey.MatchString(v[field]) {
			return Address{}, wrong(field, "This is no %s. It is 30 letters and digits, such as %s.", what, byPushover().Fields[0].Example)
		}
	}
	u := url.URL{Scheme: "pushover", User: url.UserPassword("shoutrrr", v["token"]), Host: v["user"], Path: "/"}
	return Address{u.String(), "Pushover"}, nil
}

func byWebhook() Service {
	return Service{
		ID: "webhook", Name: "Web address (webhook)", By: "to a web address", AnyAddress: true, build: buildWebhook,
		Hint: "For a program of your own, or Home Assistant (an automation with the trigger “Webhook”). It gets a POST with the JSON object " +
			"{\"title\": …, \"message\": …}.",
		Fields: []Field{
			{ID: "url", Label: "Web address", Type: "url", Example: "https://home.example.org/api/webhook/k3v9xq27ma", Secret: true},
			{ID: "token", Label: "Token", Type: "password", Secret: true, Optional: true, Hint: "Sent as “Authorization: Bearer …”, where the program asks for it."},
		},
	}
}

// webhookKeys are the keys in a web address's query that shoutrrr would take for its own settings.
var webhookKeys = []string{"contenttype", "disabletls", "template", "title", "titlekey", "messagekey", "method"}

func buildWebhook(v values) (Address, error) {
	w, err := url.Parse(v["url"])
	if err != nil || w.Hostname() == "" || (w.Scheme != "https" && w.Scheme != "http") {
		return Address{}, wrong("url", "This is not a web address. It begins with https:// or http://.")
	}
	q := url.Values{"template": {"json"}}
	if w.Scheme == "http" {
		q.Set("disabletls", "yes")
	}
	if v["token"] != "" {
		q.Set("@Authorization", "Bearer "+v["token"])
	}
	for key, all := range w.Query() {
		if strings.HasPrefix(key, "@") || strings.HasPrefix(key, "$") {
			return Address{}, wrong("url", "A web address with %q in it cannot be used.", key)
		}
		if slices.Contains(webhookKeys, key) {
			key = "__" + key
		}
		q[key] = all
	}
	u := url.URL{Scheme: "generic", User: w.User, Host: w.Host, Path: w.Path, RawPath: w.RawPath, RawQuery: q.Encode()}
	return Address{u.String(), "Web address on " + w.Host}, nil
}

func byOther() Service {
	return Service{
		ID: "other", Name: "Other (shoutrrr address)", By: "by another service", AnyAddress: true,
		Hint: "Discord, Slack, Signal, Gotify, Teams and more: their addresses are described in the documents of shoutrrr, the library that Ringfence sends with.",
		Fields: []Field{
			{ID: "address", Label: "Address", Type: "password", Example: "discord://token@id", Secret: true},
		},
		build: func(v values) (Address, error) {
			if err := Check(v["address"]); err != nil {
				return Address{}, FieldError{"address", err.Error()}
			}
			scheme := schemeOf(v["address"])
			return Address{v["address"], strings.ToUpper(scheme[:1]) + scheme[1:]}, nil
		},
	}
}
