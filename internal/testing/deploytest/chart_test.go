package deploytest

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// tool finds a program that make has built, or that is installed.
func tool(t *testing.T, name string) string {
	t.Helper()
	if built, err := filepath.Abs(filepath.Join(deploy, "..", "bin", name)); err == nil {
		if _, err := os.Stat(built); err == nil {
			return built
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed; make deploy-test builds it where that is possible", name)
	}
	return path
}

// manifest is what these tests look at of a manifest.
type manifest struct {
	Kind string `yaml:"kind"`
	Data map[string]string
	Spec struct {
		Replicas int
		Template struct {
			Metadata struct{ Annotations map[string]string }
			Spec     struct {
				SecurityContext map[string]any `yaml:"securityContext"`
				Containers      []struct {
					SecurityContext map[string]any `yaml:"securityContext"`
				}
				Volumes []struct {
					Projected struct {
						Sources []struct {
							Secret struct {
								Items []struct{ Path string }
							}
						}
					}
				}
			}
		}
	}
}

// rendered returns the manifests of the chart, by kind; the last of a kind counts.
func rendered(t *testing.T, args ...string) map[string]manifest {
	t.Helper()
	command := exec.Command(tool(t, "helm"), append([]string{"template", "gw", deploy + "helm/mktows-gateway", "--kube-version", "1.31.0"}, args...)...)
	command.Stderr = t.Output()
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]manifest{}
	in := yaml.NewDecoder(bytes.NewReader(out))
	for {
		var m manifest
		switch err := in.Decode(&m); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		case m.Kind != "":
			all[m.Kind] = m
		}
	}
}

var everything = []string{
	"--set", "ingress.enabled=true,ingress.hosts={soap.example.com},ingress.tlsSecret=certificate",
	"--set", "networkPolicy.enabled=true,serviceMonitor.enabled=true",
}

// The chart renders a configuration that the gateway takes, with all secrets that it names, and pods that may do nothing else.
func TestChart(t *testing.T) {
	t.Parallel()
	all := rendered(t, everything...)
	for _, kind := range []string{"ConfigMap", "Deployment", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceMonitor"} {
		if all[kind].Kind == "" {
			t.Errorf("there is no %s", kind)
		}
	}
	text := all["ConfigMap"].Data["gateway.yaml"]
	check(t, []byte(text))
	deployment := all["Deployment"].Spec
	pod := deployment.Template.Spec
	mounted := map[string]bool{}
	for _, source := range pod.Volumes[0].Projected.Sources {
		for _, item := range source.Secret.Items {
			mounted[item.Path] = true
		}
	}
	for line := range strings.Lines(text) {
		if _, path, named := strings.Cut(strings.TrimSpace(line), "file: "); named && !mounted[path] {
			t.Errorf("the configuration names %s, which no Secret fills", path)
		}
	}
	container := pod.Containers[0].SecurityContext
	if deployment.Replicas != 2 || pod.SecurityContext["runAsNonRoot"] != true || container["readOnlyRootFilesystem"] != true || container["allowPrivilegeEscalation"] != false {
		t.Errorf("%d replicas, with %v and %v", deployment.Replicas, pod.SecurityContext, container)
	}
}

// A new start is needed for what the gateway reads once; the rest it reads again by itself.
func TestChart_startsPodsAnewOnlyWhereNeeded(t *testing.T) {
	t.Parallel()
	sum := func(args ...string) string {
		return rendered(t, args...)["Deployment"].Spec.Template.Metadata.Annotations["checksum/read-once"]
	}
	before := sum()
	if sum("--set", "config.callTime=20s") != before {
		t.Error("pods start anew for a change that is taken over as they run")
	}
	if sum("--set", "config.admin=0.0.0.0:9000") == before {
		t.Error("pods go on with the admin address that was")
	}
}

func TestChart_refusesMistakes(t *testing.T) {
	t.Parallel()
	helm := tool(t, "helm")
	if out, err := exec.Command(helm, "lint", "--strict", deploy+"helm/mktows-gateway").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, set := range []string{
		"replica=3", "replicas=many", "config.tenants=null", "config.tenants[0].key=secret", "ports.soap=0", "ingress.enabled=true", "secrets.../x.secret=a",
	} {
		out, err := exec.Command(helm, "template", "gw", deploy+"helm/mktows-gateway", "--kube-version", "1.31.0", "--set", set).CombinedOutput()
		if err == nil {
			t.Errorf("--set %s is taken", cmp.Or(set, string(out)))
		}
	}
}
