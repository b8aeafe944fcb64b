package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strconv"

	"ringfence/store"
)

func (s *Server) recordingRoutes() []route {
	return []route{
		{"GET /h/{household}/recordings/{call}/{kind}", hear, s.recording},
		{"POST /h/{household}/calls/{call}/heard", tend, s.heard},
		{"GET /h/{household}/calls/{call}/message/delete", tend, s.askDeleteMessage},
		{"POST /h/{household}/calls/{call}/message/delete", tend, s.deleteMessage},
	}
}

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
func (s *Server) messageOf(r *http.Request, v *visit) (store.LoggedCall, error) {
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

func (s *Server) heard(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.messageOf(r, v)
	if err != nil {
		return err
	}
	if err := s.markHeard(r.Context(), v, c); err != nil {
		return err
	}
	return s.done(w, r, backTo(r, v), "The message is marked as heard.", nil)
}

// askDeleteMessage asks before a message is gone for good.
func (s *Server) askDeleteMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
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

func (s *Server) deleteMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.messageOf(r, v)
	if err != nil {
		return err
	}
	if err := s.dropMessage(r.Context(), v, c); err != nil {
		return err
	}
	return s.done(w, r, callPath(v, c), "The message is deleted.", nil)
}

// markHeard notes that somebody has heard a message, and who says so.
func (s *Server) markHeard(ctx context.Context, v *visit, c store.LoggedCall) error {
	if err := s.Store.MarkHeard(ctx, v.Household.Name, c.ID); err != nil {
		return err
	}
	return s.changed(ctx, v, "message-heard", "marked the message of call "+strconv.FormatInt(c.ID, 10)+" as heard: "+v.who(c.Call))
}

// dropMessage deletes a message; errNoMessage where somebody else has done so meanwhile.
func (s *Server) dropMessage(ctx context.Context, v *visit, c store.LoggedCall) error {
	deleted, err := s.Store.DeleteMessage(ctx, v.Household.Name, c.ID)
	switch {
	case deleted && err != nil: // its sound goes with the next tidying
		s.Log.Error("a message was deleted, but not its sound", "call", c.ID, "err", err)
	case err != nil:
		return err
	case !deleted:
		return errNoMessage
	}
	return s.changed(ctx, v, "message-deleted", "deleted the message of call "+strconv.FormatInt(c.ID, 10)+": "+v.who(c.Call))
}
