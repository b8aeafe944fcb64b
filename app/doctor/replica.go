package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ringfence/app/replica"
	"ringfence/config"
	"ringfence/screening"
	replicas "ringfence/store/replica"
)

const (
	// replicaLate is how far behind a replica may be: longer than what Litestream needs when it starts.
	replicaLate = 2 * time.Minute
	// diskAnswers is how long its disk may take.
	diskAnswers = 5 * time.Second
)

// replica looks at the copy of the data on another disk, as any program can see it: how far behind it is, whoever keeps it.
func (d *Doctor) replica(ctx context.Context) Finding {
	folder := d.settings.Replica.Folder
	f := Finding{Check: "replica", Part: "replica", State: OK}
	if _, err := replicas.Find(ctx); err != nil {
		return f.fails(err.Error(), "litestream version")
	}
	var until time.Time
	sameDisk := false
	err := replica.Within(diskAnswers, func() (err error) {
		sameDisk = onOneDisk(folder, d.settings.Data)
		until, err = replicas.Complete(folder)
		return err
	})
	if err != nil { // a disk that does not answer may still write to both
		return f.fails(replica.InWords(folder, err).Error(), "sudo ls -ld "+config.ShellQuoted(folder))
	}
	switch late := d.now().Sub(until); {
	case until.IsZero():
		return f.warns("the first copy in "+folder+" isn't complete yet", d.log(applicationService))
	case late > replicaLate:
		return f.fails(fmt.Sprintf("the copy in %s is %s behind: the log says why", folder, ago(late)), d.log(applicationService))
	case sameDisk:
		return f.warns(folder+" is on the same disk as the data, and would be lost with it", "df "+config.ShellQuoted(d.settings.Data)+" "+config.ShellQuoted(folder))
	}
	f.Text = "everything is in " + folder + ", too"
	return f
}

// ago is how long something is, for people.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return screening.Counted(int(d/time.Minute), "minute", "minutes")
	case d < 48*time.Hour:
		return screening.Counted(int(d/time.Hour), "hour", "hours")
	}
	return screening.Counted(int(d/(24*time.Hour)), "day", "days")
}

func onOneDisk(a, b string) bool {
	device := func(path string) (uint64, bool) {
		info, err := os.Stat(filepath.Clean(path))
		if err != nil {
			return 0, false
		}
		of, is := info.Sys().(*syscall.Stat_t)
		return uint64(of.Dev), is //nolint:unconvert // 32 bits on some machines
	}
	one, is := device(a)
	other, also := device(b)
	return is && also && one == other
}
