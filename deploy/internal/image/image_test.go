package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files returns what a tar archive holds, by name.
func files(t *testing.T, archive []byte) (headers map[string]*tar.Header, data map[string][]byte) {
	t.Helper()
	headers, data = map[string]*tar.Header{}, map[string][]byte{}
	in := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return headers, data
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		headers[h.Name], data[h.Name] = h, text
	}
}

// descriptor names a blob.
type descriptor struct {
	Digest string `json:"digest"`
	Size   int    `json:"size"`
}

// blobOf returns a blob that a descriptor names, which has to have its size and digest.
func blobOf(t *testing.T, data map[string][]byte, d descriptor) []byte {
	t.Helper()
	text, known := data["blobs/"+strings.Replace(d.Digest, ":", "/", 1)]
	sum := sha256.Sum256(text)
	if !known || len(text) != d.Size || "sha256:"+hex.EncodeToString(sum[:]) != d.Digest {
		t.Fatalf("no blob is %+v", d)
	}
	return text
}

func decode(t *testing.T, text []byte, out any) {
	t.Helper()
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// image makes an image of a program that is none, and returns the archive.
func image(t *testing.T) []byte {
	t.Helper()
	folder := t.TempDir()
	c := &contents{binary: filepath.Join(folder, "mktows"), authorities: filepath.Join(folder, "authorities.crt"), arch: "arm64", version: "1.2.3"}
	for path, text := range map[string]string{c.binary: "program", c.authorities: "authorities"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "image.tar")
	if err := write(out, c); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// The image says who runs what, and how its health is asked for: not root, and without a shell.
func TestImage_settings(t *testing.T) {
	t.Parallel()
	_, data := files(t, image(t))
	var index struct{ Manifests []descriptor }
	decode(t, data["index.json"], &index)
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	decode(t, blobOf(t, data, index.Manifests[0]), &manifest)
	var got struct {
		OS, Architecture string
		RootFS           struct {
			DiffIDs []string `json:"diff_ids"`
		}
		Config struct {
			User            string
			Entrypoint, Cmd []string
			ExposedPorts    map[string]any
			Healthcheck     struct{ Test []string }
			Labels          map[string]string
		}
	}
	settings := blobOf(t, data, manifest.Config)
	decode(t, settings, &got)
	run := got.Config
	switch {
	case got.OS != "linux" || got.Architecture != "arm64":
		t.Errorf("it is for %s on %s", got.OS, got.Architecture)
	case run.User != "65532:65532":
		t.Errorf("it runs as %q", run.User)
	case !slices.Equal(run.Entrypoint, []string{"/usr/bin/mktows"}) || !slices.Equal(run.Cmd, []string{"gateway", "/etc/mktows/gateway.yaml"}):
		t.Errorf("it runs %q %q", run.Entrypoint, run.Cmd)
	case !slices.Equal(run.Healthcheck.Test, []string{"CMD", "/usr/bin/mktows", "gateway", "health"}):
		t.Errorf("its health is asked for by %q", run.Healthcheck.Test)
	case len(run.ExposedPorts) != 2 || run.Labels["org.opencontainers.image.version"] != "1.2.3":
		t.Errorf("ports %v, labels %v", run.ExposedPorts, run.Labels)
	}
	packed, err := gzip.NewReader(bytes.NewReader(blobOf(t, data, manifest.Layers[0])))
	if err != nil {
		t.Fatal(err)
	}
	layer, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(layer); len(got.RootFS.DiffIDs) != 1 || got.RootFS.DiffIDs[0] != "sha256:"+hex.EncodeToString(sum[:]) {
		t.Errorf("the layer unpacks to something else than %q", got.RootFS.DiffIDs)
	}
	fileSystem(t, layer)
	var saved []struct {
		Config           string
		RepoTags, Layers []string
	}
	decode(t, data["manifest.json"], &saved)
	if len(saved) != 1 || !slices.Equal(saved[0].RepoTags, []string{"mktows-gateway:1.2.3"}) || !bytes.Equal(data[saved[0].Config], settings) || data[saved[0].Layers[0]] == nil {
		t.Errorf("docker load reads %+v", saved)
	}
}

// fileSystem looks at the files: they are root's, nobody else may write them, and there is no shell.
func fileSystem(t *testing.T, layer []byte) {
	t.Helper()
	headers, data := files(t, layer)
	for name, want := range map[string]string{"usr/bin/mktows": "program", "etc/ssl/certs/ca-certificates.crt": "authorities"} {
		if string(data[name]) != want {
			t.Errorf("%s is %q", name, data[name])
		}
	}
	if !strings.Contains(string(data["etc/passwd"]), "mktows:x:65532:65532:") {
		t.Errorf("the users are %s", data["etc/passwd"])
	}
	for name, h := range headers {
		executable := h.Mode&0o111 != 0 && h.Typeflag == tar.TypeReg
		if h.Uid != 0 || h.Mode&0o022 != 0 || executable != (name == "usr/bin/mktows") {
			t.Errorf("%s has the mode %o and belongs to %d", name, h.Mode, h.Uid)
		}
	}
}

// The same inputs give the same image, wherever and whenever it is made.
func TestImage_isReproducible(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(image(t), image(t)) {
		t.Error("two images of the same program differ")
	}
}

func TestWrite_leavesNothingHalf(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := write(filepath.Join(folder, "image.tar"), &contents{binary: filepath.Join(folder, "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a program: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}
