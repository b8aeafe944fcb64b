// Package asterisk looks after the telephone exchange underneath: it gets Asterisk onto a machine (install.go), writes its
// configuration from a Site (WriteConfig and the templates), and runs and watches it (run.go, keep.go).
//
// The configuration is Ringfence's safety net: what extensions.conf says also happens when the application is dead. So read
// that first. What was measured of Asterisk's behaviour is in docs/asterisk.md.
package asterisk
