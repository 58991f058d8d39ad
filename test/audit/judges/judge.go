// Judges what Docket signs and proves with programs that others wrote: golang.org/x/mod's sumdb/note and sumdb/tlog.
// Reads the recorded cases, and ends with 1 at the first that does not hold, or that holds although it was altered.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type cases struct {
	LogKeys     []string
	WitnessKeys []string
	Size        int64
	Notes       []struct {
		Note    string
		Size    int64
		Signers []string
	}
	Inclusions []struct {
		Index, Size int64
		Path        [][]byte
	}
	Consistencies []struct {
		From, To int64
		Path     [][]byte
	}
	Tiles []struct {
		Path   string
		Hashes []byte
	}
}

// A witness's key (C2SP tlog-cosignature), which sumdb/note does not know.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func witnessOf(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, vkey)
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	w := witness{parts[0], binary.BigEndian.Uint32(sum[:]), ed25519.PublicKey(typed[1:])}
	if typed[0] != 4 || fmt.Sprintf("%08x", w.id) != parts[1] {
		fail("the key of a witness is not as its id says", vkey)
	}
	return w
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err, os.Args[1])
	var all cases
	must(json.Unmarshal(text, &all), os.Args[1])

	var hashes []tlog.Hash
	stored := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		read := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			read[at] = hashes[index]
		}
		return read, nil
	})
	roots := []tlog.Hash{{}}
	for number := int64(0); number < all.Size; number++ {
		leaf := fmt.Sprint("event ", number)
		hash := sha256.Sum256([]byte(leaf))
		added, err := tlog.StoredHashes(number, hash[:], stored)
		must(err, leaf)
		hashes = append(hashes, added...)
		root, err := tlog.TreeHash(number+1, stored)
		must(err, leaf)
		roots = append(roots, root)
	}
	judgeNotes(all, roots)
	for _, each := range all.Inclusions {
		leaf := hashes[tlog.StoredHashIndex(0, each.Index)]
		check := func(path []tlog.Hash) error {
			return tlog.CheckRecord(path, each.Size, roots[each.Size], each.Index, leaf)
		}
		judgePath(check, each.Path, fmt.Sprint("inclusion of ", each.Index, " in ", each.Size))
	}
	for _, each := range all.Consistencies {
		check := func(path []tlog.Hash) error {
			return tlog.CheckTree(path, each.To, roots[each.To], each.From, roots[each.From])
		}
		judgePath(check, each.Path, fmt.Sprint("consistency of ", each.From, " with ", each.To))
	}
	fmt.Printf("%d notes, %d inclusions and %d consistencies hold\n",
		len(all.Notes), len(all.Inclusions), len(all.Consistencies))
}

func judgeNotes(all cases, roots []tlog.Hash) {
	var verifiers []note.Verifier
	for _, vkey := range all.LogKeys {
		verifier, err := note.NewVerifier(vkey)
		must(err, vkey)
		verifiers = append(verifiers, verifier)
	}
	for _, vkey := range all.WitnessKeys {
		verifiers = append(verifiers, witnessOf(vkey))
	}
	known := note.VerifierList(verifiers...)
	for _, each := range all.Notes {
		opened, err := note.Open([]byte(each.Note), known)
		must(err, each.Note)
		var signers []string
		for _, signature := range opened.Sigs {
			signers = append(signers, fmt.Sprintf("%s+%08x", signature.Name, signature.Hash))
		}
		if strings.Join(signers, " ") != strings.Join(each.Signers, " ") || len(opened.UnverifiedSigs) > 0 {
			fail("is not signed by whom it says", each.Note)
		}
		lines := strings.Split(opened.Text, "\n")
		if lines[1] != fmt.Sprint(each.Size) || lines[2] != roots[each.Size].String() {
			fail("has another size or root", each.Note)
		}
		altered := strings.Replace(each.Note, "\n"+lines[1]+"\n", "\n1"+lines[1]+"\n", 1)
		if _, err := note.Open([]byte(altered), known); err == nil {
			fail("holds although it was altered", altered)
		}
	}
}

func judgePath(check func([]tlog.Hash) error, path [][]byte, what string) {
	var read []tlog.Hash
	for _, each := range path {
		var hash tlog.Hash
		if copy(hash[:], each) != tlog.HashSize {
			fail("has a hash of another length", what)
		}
		read = append(read, hash)
	}
	must(check(read), what)
	for at := range read {
		read[at][0] ^= 1
		if check(read) == nil {
			fail("holds although it was altered", what)
		}
		read[at][0] ^= 1
	}
}

func must(err error, what string) {
	if err != nil {
		fail(err.Error(), what)
	}
}

func fail(why, what string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", why, what)
	os.Exit(1)
}
