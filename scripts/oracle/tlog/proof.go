package main

import (
	"encoding/base64"
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openNote prints nothing: who signed is all that is asked. Signatures of unknown keys, such as those of witnesses, are passed over.
func openNote(signed []byte, vkey string) (*note.Note, string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, "", err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	return opened, verifier.Name(), err
}

// checkProof holds a C2SP tlog-proof against the bytes of its entry.
func checkProof(file, entry, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	record, err := os.ReadFile(entry)
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path [][]byte
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	hashes, err := hashesOf(path)
	if err != nil {
		return err
	}
	opened, name, err := openNote([]byte(checkpoint), vkey)
	if err != nil {
		return err
	}
	tree, err := parseCheckpoint(opened.Text, name)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(record))
}

// checkNote opens a signed note of any text.
func checkNote(file, vkey string) error {
	signed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, _, err = openNote(signed, vkey)
	return err
}
