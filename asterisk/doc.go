// Package asterisk has the telephone exchange underneath: how Asterisk gets onto a machine (install.go), its
// configuration (templates, written from a Site by WriteConfig), and how it is run (run.go).
//
// The configuration is Ringfence's safety net: what it says in extensions.conf happens also when the application is
// dead. So it is worth reading first.
package asterisk
