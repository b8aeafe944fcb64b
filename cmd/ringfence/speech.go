package main

type speechCmd struct {
	Script speechScriptCmd `cmd:"" help:"Say what kind of caller begins with these words."`
}
