// Command tlog holds a log in a folder against golang.org/x/mod/sumdb/{tlog,note}, or writes one with them.
//
//	tlog check FOLDER VKEY            exit 1 and the reason when anything is wrong
//	tlog make  FOLDER SKEY SIZE       entries entry-0, entry-1, …
//	tlog proof FILE ENTRY VKEY        a C2SP tlog-proof, and the bytes of its entry
//	tlog note  FILE VKEY              a signed note of any text
//
// A folder has checkpoint, tile/…, and proofs.json: claims of inclusion and of growth, with their proofs. Traps: the paths of
// x/mod are tile/8/…, and its FormatTree is not the text of a checkpoint.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type claims struct {
	Included []included `json:"included"`
	Grown    []grown    `json:"grown"`
}

type included struct {
	Index int64    `json:"index"`
	Path  [][]byte `json:"path"`
}

type grown struct {
	Before int64    `json:"before"`
	Root   []byte   `json:"root"`
	Proof  [][]byte `json:"proof"`
}

type folder string

func (f folder) Height() int { return height }

func (f folder) file(t tlog.Tile) string {
	return filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/", "tile/", 1))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(f.file(t))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) bundle(index, width int64) string {
	path := tlog.Tile{H: height, L: -1, N: index, W: int(width)}.Path()
	return filepath.Join(string(f), strings.Replace(path, "tile/8/data/", "tile/entries/", 1))
}

func (f folder) write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

func formatCheckpoint(name string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", name, size, base64.StdEncoding.EncodeToString(root[:]))
}

func parseCheckpoint(text, name string) (tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != name {
		return tree, errors.New("not a checkpoint of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || formatCheckpoint(name, tree.N, tlog.Hash(*(*[32]byte)(root))) != text {
		return tree, errors.New("not the text of a checkpoint")
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

func hashesOf(list [][]byte) (hashes []tlog.Hash, err error) {
	for _, each := range list {
		if len(each) != tlog.HashSize {
			return nil, errors.New("a hash of another length")
		}
		hashes = append(hashes, *(*[32]byte)(each))
	}
	return hashes, nil
}

func check(f folder, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	tree, err := parseCheckpoint(opened.Text, verifier.Name())
	if err != nil {
		return err
	}
	leaves, err := checkEntries(f, tree)
	if err != nil {
		return err
	}
	said, err := checkClaims(f, tree, leaves)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, %d proofs\n", tree.N, said)
	return nil
}

// checkEntries reads every tile that any entry needs, each authenticated by the root, and every bundle.
func checkEntries(f folder, tree tlog.Tree) (leaves []tlog.Hash, err error) {
	var indexes []int64
	for n := int64(0); n < tree.N; n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	leaves, err = tlog.TileHashReader(tree, f).ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		data, err := os.ReadFile(f.bundle(first/256, width))
		if err != nil {
			return nil, err
		}
		for n := first; n < first+width; n++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, errors.New("a bundle ends within an entry")
			}
			length := int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:2+length]) != leaves[n] {
				return nil, fmt.Errorf("entry %d is not the one in the tree", n)
			}
			data = data[2+length:]
		}
		if len(data) != 0 {
			return nil, errors.New("a bundle with something at its end")
		}
	}
	return leaves, nil
}

func checkClaims(f folder, tree tlog.Tree, leaves []tlog.Hash) (int, error) {
	data, err := os.ReadFile(filepath.Join(string(f), "proofs.json"))
	if err != nil {
		return 0, err
	}
	var said claims
	if err := json.Unmarshal(data, &said); err != nil {
		return 0, err
	}
	for _, each := range said.Included {
		if each.Index < 0 || each.Index >= tree.N {
			return 0, fmt.Errorf("there is no entry %d", each.Index)
		}
		path, err := hashesOf(each.Path)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(path, tree.N, tree.Hash, each.Index, leaves[each.Index]); err != nil {
			return 0, fmt.Errorf("inclusion of %d: %w", each.Index, err)
		}
	}
	for _, each := range said.Grown {
		proof, err := hashesOf(append([][]byte{each.Root}, each.Proof...))
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof[1:], tree.N, tree.Hash, each.Before, proof[0]); err != nil {
			return 0, fmt.Errorf("growth from %d: %w", each.Before, err)
		}
	}
	return len(said.Included) + len(said.Grown), nil
}

type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, index := range indexes {
		hashes = append(hashes, s[index])
	}
	return hashes, nil
}

func makeLog(f folder, skey string, size int64) error {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	var hashes stored
	for n := int64(0); n < size; n++ {
		added, err := tlog.StoredHashes(n, []byte(fmt.Sprintf("entry-%d", n)), hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, added...)
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		if err := f.write(f.file(tile), data); err != nil {
			return err
		}
	}
	for first := int64(0); first < size; first += 256 {
		var bundle []byte
		n := first
		for ; n < size && n < first+256; n++ {
			entry := fmt.Sprintf("entry-%d", n)
			bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
			bundle = append(bundle, entry...)
		}
		if err := f.write(f.bundle(first/256, n-first), bundle); err != nil {
			return err
		}
	}
	return writeClaims(f, signer, hashes, size)
}

func writeClaims(f folder, signer note.Signer, hashes stored, size int64) error {
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: formatCheckpoint(signer.Name(), size, root)}, signer)
	if err != nil {
		return err
	}
	if err := f.write(filepath.Join(string(f), "checkpoint"), signed); err != nil {
		return err
	}
	var said claims
	for _, index := range []int64{0, size / 3, size / 2, size - 1} {
		path, err := tlog.ProveRecord(size, index, hashes)
		if err != nil {
			return err
		}
		said.Included = append(said.Included, included{index, bytesOf(path)})
		before := index + 1
		proof, err := tlog.ProveTree(size, before, hashes)
		if err != nil {
			return err
		}
		earlier, err := tlog.TreeHash(before, hashes)
		if err != nil {
			return err
		}
		said.Grown = append(said.Grown, grown{before, earlier[:], bytesOf(proof)})
	}
	data, err := json.Marshal(said)
	if err != nil {
		return err
	}
	return f.write(filepath.Join(string(f), "proofs.json"), data)
}

func bytesOf(hashes []tlog.Hash) [][]byte {
	list := [][]byte{}
	for _, hash := range hashes {
		hash := hash
		list = append(list, hash[:])
	}
	return list
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "check":
		return check(folder(args[1]), args[2])
	case len(args) == 4 && args[0] == "make":
		size, err := strconv.ParseInt(args[3], 10, 64)
		if err != nil {
			return err
		}
		return makeLog(folder(args[1]), args[2], size)
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "note":
		return checkNote(args[1], args[2])
	default:
		return errors.New("usage: tlog check FOLDER VKEY | make FOLDER SKEY SIZE | proof FILE ENTRY VKEY | note FILE VKEY")
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
