package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// contents are what an image is made of.
type contents struct {
	binary      string // the path of the program
	authorities string // the path of certificates in PEM
	arch        string // GOARCH of the program
	version     string
}

const (
	name = "mktows-gateway"
	// user is who runs the program: nobody who has rights elsewhere.
	user    = 65532
	program = "/usr/bin/mktows"
	config  = "/etc/mktows/gateway.yaml"

	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// object is a JSON object; encoding/json orders its members by name, so that the same object is the same bytes.
type object = map[string]any

// blob is something that an image holds under the name of its digest.
type blob struct {
	mediaType string
	data      []byte
}

func (b blob) digest() string { return "sha256:" + b.hex() }

func (b blob) hex() string {
	sum := sha256.Sum256(b.data)
	return hex.EncodeToString(sum[:])
}

func (b blob) path() string { return "blobs/sha256/" + b.hex() }

func (b blob) descriptor() object {
	return object{"mediaType": b.mediaType, "digest": b.digest(), "size": len(b.data)}
}

// archive writes the image.
func (c *contents) archive(w io.Writer) error {
	layer, unpacked, err := c.layer()
	if err != nil {
		return err
	}
	settings, err := encoded(configType, c.settings(unpacked))
	if err != nil {
		return err
	}
	manifest, err := encoded(manifestType, object{
		"schemaVersion": 2, "mediaType": manifestType, "config": settings.descriptor(), "layers": []object{layer.descriptor()},
	})
	if err != nil {
		return err
	}
	tag := name + ":" + c.version
	entry := manifest.descriptor()
	entry["platform"] = object{"os": "linux", "architecture": c.arch}
	entry["annotations"] = object{"org.opencontainers.image.ref.name": c.version, "io.containerd.image.name": tag}
	index, err := encoded(indexType, object{"schemaVersion": 2, "mediaType": indexType, "manifests": []object{entry}})
	if err != nil {
		return err
	}
	saved, err := encoded("", []object{{"Config": settings.path(), "RepoTags": []string{tag}, "Layers": []string{layer.path()}}})
	if err != nil {
		return err
	}
	files := tar.NewWriter(w)
	for _, f := range []struct {
		path string
		data []byte
	}{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{"index.json", index.data}, {"manifest.json", saved.data},
		{manifest.path(), manifest.data}, {settings.path(), settings.data}, {layer.path(), layer.data},
	} {
		err = errors.Join(err, add(files, f.path, 0o644, f.data))
	}
	return errors.Join(err, files.Close())
}

// settings are how the program is run. Health checks are of Docker alone: others ignore them, Kubernetes has probes of its own.
func (c *contents) settings(unpacked string) object {
	return object{
		"os": "linux", "architecture": c.arch,
		"rootfs": object{"type": "layers", "diff_ids": []string{unpacked}},
		"config": object{
			"User":         fmt.Sprintf("%d:%d", user, user),
			"Entrypoint":   []string{program},
			"Cmd":          []string{"gateway", config},
			"ExposedPorts": object{"8090/tcp": object{}, "8091/tcp": object{}},
			"WorkingDir":   "/",
			"StopSignal":   "SIGTERM",
			"Healthcheck": object{
				"Test":     []string{"CMD", program, "gateway", "health"},
				"Interval": 10 * time.Second, "Timeout": 6 * time.Second, "StartPeriod": 10 * time.Second, "Retries": 3,
			},
			"Labels": object{
				"org.opencontainers.image.title":       name,
				"org.opencontainers.image.description": "Keeps programs that speak Marketo's SOAP API working, over the REST API",
				"org.opencontainers.image.version":     c.version,
				"org.opencontainers.image.licenses":    "Apache-2.0",
			},
		},
	}
}

// layer returns the file system, and the digest of what it unpacks to.
func (c *contents) layer() (packed blob, unpacked string, err error) {
	binary, err := os.ReadFile(c.binary)
	if err != nil {
		return packed, "", err
	}
	authorities, err := os.ReadFile(c.authorities)
	if err != nil {
		return packed, "", err
	}
	var plain bytes.Buffer
	files := tar.NewWriter(&plain)
	for _, folder := range []string{"etc", "etc/mktows", "etc/ssl", "etc/ssl/certs", "usr", "usr/bin"} {
		err = errors.Join(err, add(files, folder+"/", 0o755, nil))
	}
	err = errors.Join(err,
		add(files, "etc/passwd", 0o644, fmt.Appendf(nil, "mktows:x:%d:%d::/:/sbin/nologin\n", user, user)),
		add(files, "etc/group", 0o644, fmt.Appendf(nil, "mktows:x:%d:\n", user)),
		add(files, "etc/ssl/certs/ca-certificates.crt", 0o644, authorities),
		add(files, program[1:], 0o755, binary),
		files.Close())
	var small bytes.Buffer
	zip, levelErr := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err = errors.Join(err, levelErr); err != nil {
		return packed, "", err
	}
	_, err = zip.Write(plain.Bytes())
	err = errors.Join(err, zip.Close()) // which writes the rest
	return blob{layerType, small.Bytes()}, blob{data: plain.Bytes()}.digest(), err
}

// add adds a file, or a folder if its path ends with a slash. All belong to root and are as old as Unix, so that nothing in them
// depends on when and where they were made.
func add(files *tar.Writer, name string, mode int64, data []byte) error {
	kind := byte(tar.TypeReg)
	if strings.HasSuffix(name, "/") {
		kind = tar.TypeDir
	}
	err := files.WriteHeader(&tar.Header{Typeflag: kind, Name: name, Mode: mode, Size: int64(len(data)), ModTime: time.Unix(0, 0)})
	if err != nil {
		return err
	}
	_, err = files.Write(data)
	return err
}

// encoded returns a blob in JSON.
func encoded(mediaType string, v any) (blob, error) {
	data, err := json.Marshal(v)
	return blob{mediaType, data}, err
}
