package backend

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/store"
)

var errNoRecording = RefuseAs(http.StatusNotFound, "There is no such recording. It may have been deleted.")

// ServeRecording sends what was said in a call, or the part that is asked for: browsers ask for the end of a sound first.
func (b *Backend) ServeRecording(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := b.Call(r, v)
	if err != nil {
		return err
	}
	kept, there, err := b.Store.Recording(r.Context(), v.Household.Name, c.ID, r.PathValue("kind"))
	if err != nil {
		return err
	}
	if !there {
		return errNoRecording
	}
	file, err := os.Open(kept.Path)
	if errors.Is(err, fs.ErrNotExist) {
		b.Log.Error("a recording is not on the disk", "call", c.ID, "kind", kept.Kind)
		return errNoRecording
	}
	if err != nil {
		return err
	}
	defer func() {
		if err := file.Close(); err != nil {
			b.Log.Error("a recording could not be closed", "call", c.ID, "err", err)
		}
	}()
	w.Header().Set("Content-Type", "audio/wav")
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", "attachment; filename="+SafeName(kept.Kind+"-"+v.In(c.At).Format("2006-01-02-1504")+".wav"))
	}
	http.ServeContent(w, r, "", kept.At, file)
	return nil
}

// SafeName replaces every character of a file's name that is not safe in all file systems.
func SafeName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, name)
}

// Press presses a carer's key in a call in progress, and then makes the changes to the household that follow from it, even if the browser has gone.
func (b *Backend) Press(ctx context.Context, v *Visitor, call store.LoggedCall, key calllog.CarerKey) (done household.Done, err error) {
	if err := b.Switchboard.Press(ctx, v.Household.Name, call.ID, key, v.Person.Name); err != nil {
		return done, RefuseAs(http.StatusConflict, err.Error())
	}
	ctx, a := context.WithoutCancel(ctx), b.Admin(v)
	switch key {
	case calllog.CarerLetThrough:
		return a.OnLetThrough(ctx, call)
	case calllog.CarerNotNow:
		return a.OnNotNow(ctx, call)
	default:
		why := "scam, sent away by " + a.Actor.String()
		if v.Token == nil {
			why += ", on the page"
		}
		done, _, err = a.SendAway(ctx, call.Number, why)
		return done, err
	}
}
