package wording

import (
	"path"
	"slices"
	"strings"
)

// skippedFolders have nothing that a household, a carer or an operator reads: build results, simulated callers, and tools for developers alone.
var skippedFolders = []string{
	"bin", "dist", "softphone", "demo/testbed", "cmd/bench", "cmd/pictures", "cmd/release", "cmd/robots", "cmd/speechfiles", "cmd/words",
	"internal", "licences", "speech/speechtest", "speech/script", "config/configtest", "notify/notifytest", "setup/fritzbox/fritzboxtest",
	"sharing/group/grouptest", "sharing/phoneblock/phoneblocktest", "store/storetest", "web/browse",
}

// skippedFiles are for developers alone, or have no sentences for people: the words of JSON, what a language model is asked, and the words of codes.
var skippedFiles = []string{
	"CONTRIBUTING.md", "docs/architecture.md", "calllog/words.go", "speech/opinion/opinion.go", "speech/opinion/answer.go", "web/setuppages/words.go",
}

// foreign are files in another language, for which the rules of English say nothing.
var foreign = []string{"prompts/fr-FR.toml"}

// readerOf is what reads the texts out of a file; nil if people do not see it.
func readerOf(name string) func(content string) ([]Text, error) {
	if slices.Contains(skippedFiles, name) || slices.Contains(foreign, name) {
		return nil
	}
	switch path.Ext(name) {
	case ".html":
		return readPage
	case ".go":
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		return readGo
	case ".md":
		if name == "CHANGELOG.md" {
			return readChangelog
		}
		return readMarkdown
	case ".toml":
		if strings.HasPrefix(name, "prompts/") {
			return readTable
		}
		if name == "ringfence.example.toml" {
			return readExample
		}
	case ".yaml":
		return readDescription
	case ".js":
		return readScript
	}
	if strings.HasPrefix(name, "packaging/debian/") {
		return readPackage
	}
	return nil
}

// isPage says that a file is a page, whose sentences are seen together.
func isPage(name string) bool { return path.Ext(name) == ".html" }

// forPeople says that what a file says is for those who live with Ringfence, rather than for who runs it or writes programs for it.
func forPeople(name string) bool {
	switch path.Ext(name) {
	case ".html", ".js":
		return true
	case ".toml":
		return strings.HasPrefix(name, "prompts/")
	case ".go":
		room, _, _ := strings.Cut(name, "/")
		return slices.Contains([]string{"web", "household", "accounts", "setup", "calllog", "screening"}, room) && !strings.HasPrefix(name, "web/api/") && path.Base(name) != "api.go"
	}
	return false
}
