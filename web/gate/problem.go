package gate

import "net/http"

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem tells a program what went wrong (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// NewProblem is a problem of no type of its own.
func NewProblem(status int, detail string) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}
