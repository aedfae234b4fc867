package gateway

import (
	"fmt"
	"time"
)

// Config says who may call, and which instance of Marketo's REST API is called for them. [Load] reads it from a file;
// a program may as well fill it in.
type Config struct {
	// Listeners are where the command line listens. A program that mounts the [Gateway] itself needs none.
	Listeners []Listener `yaml:"listeners"`
	// Admin is the address, HOST:PORT, of health, readiness and metrics. Empty: none.
	Admin string `yaml:"admin"`
	// Inspector shows at Admin, which has to be an address of this machine then, the latest exchanges, with all that programs send and get
	// but for signatures: personal data. They are kept in memory. It needs a program with [WithInspector]. Default: nothing is kept or shown.
	Inspector bool `yaml:"inspector"`
	// PositionKeys seal stream positions: the first seals, all open. Gateways that serve the same callers need the same
	// keys. None: the client secret of each tenant serves, which is right as long as that does not change.
	PositionKeys []Secret `yaml:"positionKeys"`
	// CallTime is how long a call may take, in which old programs still wait for the answer. Default: 50 seconds.
	CallTime Duration `yaml:"callTime"`
	// Callers bounds what those may take up who have not proved yet who they are.
	Callers Callers `yaml:"callers"`
	// Repair takes requests with characters that no XML document may have, which are replaced: see server.WithRepair. Without it they are
	// refused, as the service did.
	Repair bool `yaml:"repair"`
	// AccessLog is what the access log tells beside what it always does.
	AccessLog AccessLog `yaml:"accessLog"`
	// Journal records exchanges. Default: none is recorded.
	Journal Journal `yaml:"journal"`
	// Instances are the budgets of REST instances. One that is not named has what the vendor advises; see bridge.WithLimits.
	Instances []Instance `yaml:"instances"`
	// State is where budgets and imports are kept.
	State State `yaml:"state"`
	// Tenants are those who may call. No two may have the same user id.
	Tenants []Tenant `yaml:"tenants"`

	file *file // nil: it does not come from one
}

// AccessLog is what the access log tells that not everybody may keep.
type AccessLog struct {
	// Addresses notes the addresses of callers. An address may tell a person, and is personal data then (GDPR, recital 30).
	Addresses bool `yaml:"addresses"`
}

// Listener is an address to listen on.
type Listener struct {
	// Address is HOST:PORT, or unix:PATH for a socket.
	Address string `yaml:"address"`
	// TLS serves HTTPS. Without it, only loopback addresses and Unix sockets are served, or any address with BehindProxy.
	TLS *TLS `yaml:"tls"`
	// BehindProxy says that a proxy which ends TLS is in front: X-Forwarded-Proto and X-Forwarded-For are believed.
	BehindProxy bool `yaml:"behindProxy"`
}

// TLS names the files of a certificate. They are read again when they change.
type TLS struct {
	Certificate string `yaml:"certificate"` // PEM, with the chain
	Key         string `yaml:"key"`         // PEM
	// MinVersion is the lowest version that is accepted: 1.0, 1.1, 1.2 or 1.3. Default: 1.2. Very old clients need 1.0, which
	// has known weaknesses: give them a listener of their own.
	MinVersion string `yaml:"minVersion"`
}

// Instance is the budget of one instance of the REST API, for all tenants that use it.
type Instance struct {
	Endpoint string `yaml:"endpoint"` // as tenants write it
	Limits   Limits `yaml:"limits"`
}

// Limits are limits on REST calls: see limits.Limits. A zero stands for what the vendor advises.
type Limits struct {
	Calls      int      `yaml:"calls"`
	Per        Duration `yaml:"per"`
	Concurrent int      `yaml:"concurrent"`
	Daily      int      `yaml:"daily"`
	Reserve    int      `yaml:"reserve"`
}

// Tenant is one user of the SOAP API, and what is called on its behalf.
type Tenant struct {
	UserID string `yaml:"userID"` // as the old program sends it
	Key    Secret `yaml:"key"`    // that the old program signs with
	REST   REST   `yaml:"rest"`

	// Optional leaves the tenant out of readiness: without it, the gateway is ready once the REST API has given a token for it.
	Optional bool `yaml:"optional"`
	// Off are operations that the tenant may not call (20019).
	Off []string `yaml:"off"`
	// ReadOnly refuses all operations that write (20019).
	ReadOnly bool `yaml:"readOnly"`
	// DryRun carries out reads, and answers writes with a fault that says so, after noting in the log what would have been written,
	// without values.
	DryRun bool `yaml:"dryRun"`

	// ForeignIDFields are the lead fields that hold foreign ids, by ForeignSysType: see bridge.WithForeignIDField.
	ForeignIDFields map[string]string `yaml:"foreignIDFields"`
	// Partitions are the partitions of workspaces: see bridge.WithPartition.
	Partitions map[string]string `yaml:"partitions"`
	// Zone is the time zone of the subscription, such as America/New_York: see bridge.WithLocation.
	Zone string `yaml:"zone"`
	// Names is a file of names, which "mktows names learn" writes: see bridge.WithNames.
	Names string `yaml:"names"`
	// PageTime is how long a page of a stream may take: see bridge.WithPageTime. Default: the bridge's.
	PageTime Duration `yaml:"pageTime"`
	// Retention is how far back activities go: see bridge.WithRetention. Default: the bridge's.
	Retention Duration `yaml:"retention"`
	// OwnerEmailField is the lead field with the owner's address: see bridge.WithOwnerEmailField.
	OwnerEmailField string `yaml:"ownerEmailField"`
	// DefaultRole is the role of opportunity roles that have none: see bridge.WithDefaultRole.
	DefaultRole string `yaml:"defaultRole"`
	// AllActivityTypes returns activities of types that the SOAP API did not know: see bridge.WithAllActivityTypes.
	AllActivityTypes bool `yaml:"allActivityTypes"`
	// Copy is where histories come from that would take many calls. Nil: the REST API answers all.
	Copy *Copy `yaml:"copy"`
	// UpdatesByAnyActivity counts any activity as an update of its lead: see bridge.WithUpdatesByAnyActivity.
	UpdatesByAnyActivity bool `yaml:"updatesByAnyActivity"`
}

// REST is an instance of the REST API with a client of it (a custom service under LaunchPoint).
type REST struct {
	Endpoint     string `yaml:"endpoint"` // such as https://ACCOUNT.mktorest.com/rest
	ClientID     string `yaml:"clientID"`
	ClientSecret Secret `yaml:"clientSecret"`
}

// Duration is a time.Duration that is written with its unit, such as 90s or 15m.
type Duration time.Duration

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%.40q is no time with its unit, such as 90s or 15m", text)
	}
	*d = Duration(v)
	return nil
}
