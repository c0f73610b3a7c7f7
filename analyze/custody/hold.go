package custody

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrHeld says that another process holds a lock.
var ErrHeld = errors.New("held by another process")

// Hold opens a file, which it makes if need be, and locks it against every other Hold of that path: until the file is closed or the process
// ends, however it ends. With wait it waits for its turn, else it gives ErrHeld. Where the file system knows no locks there is none.
func Hold(path string, wait bool) (*os.File, error) {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(f, how); err != nil {
			f.Close()
			return nil, err
		}
		have, err := f.Stat()
		if err == nil && !have.Mode().IsRegular() {
			err = &fs.PathError{Op: "open", Path: path, Err: ErrNotPlain}
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(have, now) {
			return f, nil
		}
		f.Close() // whoever held it has replaced or removed the file meanwhile: that lock keeps nobody off
	}
}

// ErrNotPlain says that something is no plain file.
var ErrNotPlain = errors.New("is no plain file")

// Open opens a plain file for reading. A case may come from anybody: a pipe or device in a file's place has no end, or waits for ever.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotPlain}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Held tells whether a process holds a file.
func Held(path string) bool {
	f, err := Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(flock(f, syscall.LOCK_SH|syscall.LOCK_NB), ErrHeld)
}

func flock(f *os.File, how int) error {
	for {
		switch err := syscall.Flock(int(f.Fd()), how); err {
		case nil, syscall.ENOTSUP, syscall.ENOSYS, syscall.ENOLCK:
			return nil
		case syscall.EINTR:
		case syscall.EWOULDBLOCK:
			return ErrHeld
		default:
			return fmt.Errorf("cannot lock %s: %w", f.Name(), err)
		}
	}
}

// Replace writes a file so that at any moment it is there as it was or as it shall be, and never in part: beside it first, then by
// another name. On error it is as it was.
func Replace(path string, content io.Reader) error {
	next := path + NewSuffix
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		os.Remove(next)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// NewSuffix ends the name of a file that Replace was about to put in another's place.
const NewSuffix = ".new"

// syncFolder makes a change of names outlast a loss of power, where the file system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		d.Close()
		return err
	}
	return d.Close()
}
