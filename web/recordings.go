package web

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strconv"

	"ringfence/store"
)

var errNoRecording = fault{http.StatusNotFound, "There is no such recording. It may have been deleted."}

// recording sends what was said in a call, or a part of it: browsers ask for the end of a sound first.
func (s *Server) recording(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.callOf(r, v)
	if err != nil {
		return err
	}
	kept, there, err := s.Store.Recording(r.Context(), v.Household.Name, c.ID, r.PathValue("kind"))
	if err != nil {
		return err
	}
	if !there {
		return errNoRecording
	}
	file, err := os.Open(kept.Path)
	if errors.Is(err, fs.ErrNotExist) {
		s.Log.Error("a recording is not on the disk", "call", c.ID, "kind", kept.Kind)
		return errNoRecording
	}
	if err != nil {
		return err
	}
	defer func() {
		if err := file.Close(); err != nil {
			s.Log.Error("a recording could not be closed", "call", c.ID, "err", err)
		}
	}()
	w.Header().Set("Content-Type", "audio/wav")
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", attachment(kept.Kind+"-"+v.In(c.At).Format("2006-01-02-1504")+".wav"))
	}
	http.ServeContent(w, r, "", kept.At, file)
	return nil
}

// messageOf is the call that an address names, if it has a message.
func (s callHandlers) messageOf(r *http.Request, v *visit) (store.LoggedCall, error) {
	c, err := s.callOf(r, v)
	if err != nil {
		return c, err
	}
	for _, rec := range c.Recordings {
		if rec.Kind == "message" {
			return c, nil
		}
	}
	return c, errNoMessage
}

var errNoMessage = fault{http.StatusNotFound, "There is no message of this call. It may have been deleted."}

func (s callHandlers) heard(w http.ResponseWriter, r *http.Request, v *visit) error {
	call, err := number(r, "call")
	if err != nil {
		return err
	}
	done, err := s.admin(v).MarkHeard(r.Context(), call)
	return s.tell(w, r, v, backTo(r, v), done, err)
}

// askDeleteMessage asks before a message is gone for good.
func (s callHandlers) askDeleteMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.messageOf(r, v)
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), v, []store.LoggedCall{c})
	if err != nil {
		return err
	}
	return s.show(w, r, v, "message-delete", "calls", "Delete a message", cards[0])
}

func (s callHandlers) deleteMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	call, err := number(r, "call")
	if err != nil {
		return err
	}
	done, err := s.admin(v).DeleteMessage(r.Context(), call)
	return s.tell(w, r, v, v.Path("calls", strconv.FormatInt(call, 10)), done, err)
}
