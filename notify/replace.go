package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
)

// How a message replaces the one before it on the same thread. ntfy and Web Push go by a name that each message has, and a program at a web address
// can; Telegram and Matrix edit a message, for which they have to be told which it was.

// topicOf is a thread's name in the letters that services allow: at most 32 of base64's, which is the limit of RFC 8030, section 5.4.
func topicOf(thread string) string {
	sum := sha256.Sum256([]byte(thread))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// editors edit messages, by a service's scheme.
var editors = map[string]func(u *url.URL, m Message, web *web) error{"telegram": editTelegram, "matrix": editMatrix}

// edits says whether a message is sent by editing the one before it.
func edits(u *url.URL, m Message) bool { return editors[u.Scheme] != nil && m.Receipt != "" }

var errNotReplaced = errors.New("the earlier message cannot be changed")

// notReplaced says whether a service's answer to an edit is about the message: it was deleted, or can't be edited any more. These others are about the address.
func notReplaced(status int) bool {
	return status >= 400 && status < 500 && !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests}, status)
}

// sendsMessage says whether a request is that by which shoutrrr's Telegram or Matrix sends a message to one chat or room (as found in 0.13.2).
func sendsMessage(to *url.URL) bool {
	return strings.HasSuffix(to.Path, "/sendMessage") || strings.Contains(to.Path, "/send/m.room.message")
}

// receiptOf is what a later message needs to replace this one; "" where the service can't do that, or where there are several, in several chats.
func receiptOf(u *url.URL, m Message, web *web) string {
	web.mu.Lock()
	defer web.mu.Unlock()
	if web.messages > 1 {
		return ""
	}
	switch u.Scheme {
	case "ntfy", "generic":
		return m.Thread
	case "telegram":
		var sent struct {
			Result struct {
				ID   int64 `json:"message_id"`
				Chat struct {
					ID int64 `json:"id"`
				} `json:"chat"`
			} `json:"result"`
		}
		if json.Unmarshal(web.answer, &sent) == nil && sent.Result.ID != 0 {
			return fmt.Sprintf("%d/%d", sent.Result.Chat.ID, sent.Result.ID)
		}
	case "matrix":
		var sent struct {
			Event string `json:"event_id"`
		}
		if json.Unmarshal(web.answer, &sent) == nil && sent.Event != "" && u.User.Username() == "" { // with a name its token is a new one each time
			return web.asked.Path + "\n" + sent.Event
		}
	}
	return ""
}

// editTelegram is the method editMessageText of https://core.telegram.org/bots/api.
func editTelegram(u *url.URL, m Message, web *web) error {
	chat, message, is := strings.Cut(m.Receipt, "/")
	if !is || !isWhole(chat) || !isWhole(message) { // of the service that the alert went to before
		return errNotReplaced
	}
	text, _ := shaped(u.Scheme, m)
	key, _ := u.User.Password()
	return web.post("https://api.telegram.org/bot"+u.User.Username()+":"+key+"/editMessageText", nil,
		map[string]any{"chat_id": json.Number(chat), "message_id": json.Number(message), "text": text, "disable_web_page_preview": true})
}

func isWhole(number string) bool {
	_, err := strconv.ParseInt(number, 10, 64)
	return err == nil
}

// editMatrix sends an event that replaces another: "m.replace" of the Matrix specification's module "Event replacements".
func editMatrix(u *url.URL, m Message, web *web) error {
	config := &matrix.Config{}
	if err := config.SetURL(u); err != nil {
		return err
	}
	scheme := "https"
	if config.DisableTLS {
		scheme = "http"
	}
	path, event, is := strings.Cut(m.Receipt, "\n")
	if !is {
		return errNotReplaced
	}
	text, _ := shaped(u.Scheme, m)
	content := map[string]any{"msgtype": "m.text", "body": text}
	edit := map[string]any{
		"msgtype": "m.text", "body": "* " + text, "m.new_content": content, "m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": event},
	}
	to := url.URL{Scheme: scheme, Host: config.Host, Path: path}
	return web.post(to.String(), http.Header{"Authorization": {"Bearer " + config.Password}}, edit)
}

// post posts JSON. An answer of 300 and above is reported by whoever looks at web.status.
func (w *web) post(to string, header http.Header, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body)) //nolint:noctx // the process ends in time (Child)
	if err != nil {
		return err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: w}).Do(r)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body) // only the status counts
	return res.Body.Close()
}
