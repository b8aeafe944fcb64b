package asterisk

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Holder is the program that has a port.
type Holder struct {
	PID  string
	Name string // such as "baresip (process 4711)"
	Stop string // the command that stops it
}

// HolderOf is the program that has a port of "udp" or "tcp" on this machine. It is not found where /proc does not show whose the program's files
// are: for another user's program, or one in another container.
func HolderOf(network, address string) (Holder, bool) {
	_, digits, err := net.SplitHostPort(address)
	port, err2 := strconv.Atoi(digits)
	if err != nil || err2 != nil {
		return Holder{}, false
	}
	for _, inode := range append(socketsAt("/proc/net/"+network, port), socketsAt("/proc/net/"+network+"6", port)...) {
		if folder := processWith(inode); folder != "" {
			return holder(folder), true
		}
	}
	return Holder{}, false
}

// socketsAt are the inodes of the sockets that are bound to a port (proc_net_udp in Linux's Documentation/networking/proc_net_tcp.rst: the second
// word is ADDRESS:PORT in hexadecimal digits, the tenth the inode).
func socketsAt(table string, port int) (inodes []string) {
	f, err := os.Open(table)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // read only
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) > 9 && strings.HasSuffix(words[1], fmt.Sprintf(":%04X", port)) {
			inodes = append(inodes, words[9])
		}
	}
	return inodes
}

// processWith is the folder in /proc of the process that has a socket; "" if it cannot be seen.
func processWith(inode string) string {
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is good
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil && to == "socket:["+inode+"]" {
			return filepath.Dir(filepath.Dir(file))
		}
	}
	return ""
}

// unitIn finds the service in a process's control group: "0::/system.slice/asterisk.service".
var unitIn = regexp.MustCompile(`/system\.slice/([A-Za-z0-9@:_.\\-]+)\.service`)

func holder(folder string) Holder {
	pid := filepath.Base(folder)
	name, _ := os.ReadFile(filepath.Join(folder, "comm"))    // a process that has just ended has none
	group, _ := os.ReadFile(filepath.Join(folder, "cgroup")) // the same
	h := Holder{PID: pid, Name: fmt.Sprintf("%s (process %s)", printable(strings.TrimSpace(string(name))), pid), Stop: "sudo kill " + pid}
	if unit := unitIn.FindSubmatch(group); unit != nil {
		h.Stop = "sudo systemctl disable --now " + string(unit[1])
	}
	return h
}
