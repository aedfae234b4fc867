#!/usr/bin/perl
# A client of the mock server on SOAP::Lite.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));

use Digest::SHA qw(hmac_sha1_hex);
use POSIX qw(strftime);
use SOAP::Lite;

my $NS     = 'http://www.marketo.com/mktows/';
my $email  = $ENV{MKTOWS_TEST_EMAIL};
my @list   = (keyType => 'MKTOLISTNAME', keyValue => $ENV{MKTOWS_TEST_LIST});
my $name   = '"Zoë Müller 日本 €" & <tag>';
my $failed = 0;

# SOAP::Lite reads of a WSDL which operations there are; the messages of a
# document/literal service are made by hand.
my $schema = SOAP::Schema->new->schema_url("$ENV{MKTOWS_ENDPOINT}?WSDL");
$schema->parse;

my $soap = SOAP::Lite->proxy($ENV{MKTOWS_ENDPOINT});
$soap->autotype(0);
$soap->serializer->register_ns($NS, 'mkt');
$soap->on_fault(sub { $_[1] });    # a fault is returned like an answer

# Elements of pairs name => value, in the order of the schema; the value of an element
# with children is an array of such pairs.
sub elements {
    my @data;
    while (my ($name, $value) = splice @_, 0, 2) {
        push @data, ref $value eq 'ARRAY'
            ? SOAP::Data->name($name)->value(\SOAP::Data->value(elements(@$value)))
            : SOAP::Data->name($name)->type(string => $value);
    }
    return @data;
}

sub w3c { return strftime('%Y-%m-%dT%H:%M:%S+00:00', gmtime shift) }

# One header serves one call: it expires.
sub sign {
    my ($time, $key) = @_;
    my $timestamp = w3c($time);
    return SOAP::Header->name('mkt:AuthenticationHeader')->value(\SOAP::Data->value(elements(
        mktowsUserId     => $ENV{MKTOWS_USER_ID},
        requestSignature => hmac_sha1_hex($timestamp . $ENV{MKTOWS_USER_ID}, $key),
        requestTimestamp => $timestamp,
    )));
}

# Sends elements and returns the SOAP::SOM, be it an answer or a fault.
sub send_call {
    my ($operation, $header, @elements) = @_;
    $soap->on_action(sub { qq("$NS$operation") });
    return $soap->call(SOAP::Data->name('mkt:params' . ucfirst $operation), $header, @elements);
}

sub call {
    my ($operation, @pairs) = @_;
    my $som = send_call($operation, sign(time, $ENV{MKTOWS_SECRET_KEY}), elements(@pairs));
    die $som->faultstring . "\n" if $som->fault;
    return $som;
}

sub lead_key { return [keyType => $_[0], keyValue => $_[1]] }

sub lead {
    my ($email, $last_name) = @_;
    return [Email => $email, leadAttributeList => [attribute => [attrName => 'LastName', attrValue => $last_name]]];
}

# The selectors are told apart by xsi:type.
sub selector {
    my ($type, @pairs) = @_;
    return SOAP::Data->name('leadSelector')->attr({'xsi:type' => "mkt:$type"})
        ->value(\SOAP::Data->value(elements(@pairs)));
}

sub get_multiple_leads {
    my $som = send_call('getMultipleLeads', sign(time, $ENV{MKTOWS_SECRET_KEY}), @_);
    die $som->faultstring . "\n" if $som->fault;
    return $som;
}

# A position goes back as it came, nil fields left out.
sub position {
    my $som = shift;
    my $got = $som->valueof('//newStartPosition');
    return [map { defined $got->{$_} ? ($_ => $got->{$_}) : () } qw(latestCreatedAt oldestCreatedAt activityCreatedAt offset)];
}

sub attribute {
    my ($name, @attributes) = @_;
    my ($found) = grep { $_->{attrName} eq $name } @attributes;
    return $found->{attrValue};
}

sub equal {
    my ($want, $got) = map { join ' | ', map { $_ // 'nil' } ref $_ ? @$_ : $_ } @_;
    die "$got, want $want\n" if $want ne $got;
    return;
}

# The server's code of a fault is in its detail.
sub expect_fault {
    my ($code, $som) = @_;
    die "no fault, want $code\n" if !$som->fault;
    equal($code, $som->faultdetail->{serviceException}{code});
    return;
}

sub get_lead_by_email {
    return send_call('getLead', sign(time, $ENV{MKTOWS_SECRET_KEY}), elements(leadKey => lead_key(EMAIL => shift)));
}

sub check {
    my ($name, $do) = @_;
    if (eval { $do->(); 1 }) {
        print "ok $name\n";
        return;
    }
    $failed = 1;
    print "fail $name: ", join(' ', split /\n/, $@), "\n";
    return;
}

check(wsdl => sub { equal(23, scalar keys %{$schema->services->{MktMktowsApiService}}) });

check(activity => sub {
    my $som = call('getLeadActivity', leadKey => lead_key(IDNUM => 318815),
        activityFilter => [includeTypes => [activityType => 'NewLead']]);
    equal([1, 0], [$som->valueof('//returnCount'), $som->valueof('//remainingCount')]);
    my $record = $som->valueof('//activityRecordList/activityRecord');
    equal([12025714, '2015-09-04T16:07:16-05:00', 'New Lead'], [@$record{qw(id activityDateTime activityType)}]);
    equal('Web service API', attribute('Source Type', $som->valueof('//activityRecord/activityAttributes/attribute')));
});

check(paging => sub {
    my ($count, %ids, @position, $som) = (0);
    do {
        $som = call('getLeadActivity', leadKey => lead_key(IDNUM => $ENV{MKTOWS_TEST_HISTORY_LEAD}), @position, batchSize => 100);
        for ($som->valueof('//activityRecordList/activityRecord')) {
            $count++;
            $ids{$_->{id}} = 1;
        }
        @position = (startPosition => position($som));
    } while $som->valueof('//remainingCount') > 0;
    equal([($ENV{MKTOWS_TEST_HISTORY_COUNT}) x 2], [$count, scalar keys %ids]);
});

check(write => sub {
    my $som = call('syncLead', leadRecord => lead($email, $name), returnLead => 'false');
    equal('CREATED', $som->valueof('//syncStatus/status'));
    my $lead = call('getLead', leadKey => lead_key(EMAIL => $email));
    equal($som->valueof('//result/leadId'), $lead->valueof('//leadRecord/Id'));
    equal($name, attribute('LastName', $lead->valueof('//leadAttributeList/attribute')));
});

check('write-flags' => sub {
    my $with = call('syncLead', leadRecord => lead($email, 'Flagg'), returnLead => 'true');
    equal(['UPDATED', $email], [$with->valueof('//syncStatus/status'), $with->valueof('//leadRecord/Email')]);
    my $without = call('syncLead', leadRecord => lead($email, 'Flagge'), returnLead => 'false');
    equal(['UPDATED', undef], [$without->valueof('//syncStatus/status'), $without->valueof('//result/leadRecord')]);
});

check(many => sub {
    my @records = (leadRecord => lead("many-$email", 'Many'), leadRecord => [Id => 2000000000, @{lead("none-$email", 'None')}]);
    my ($made, $refused) = call('syncMultipleLeads', leadRecordList => \@records, dedupEnabled => 'true')->valueof('//syncStatus');
    equal(['CREATED', 'FAILED'], [$made->{status}, $refused->{status}]);
    die "neither id nor error\n" if $made->{leadId} < 1 || $refused->{error} eq '';
});

check(list => sub {
    my $ask = sub {
        my ($operation, @ids) = @_;
        my @members = map { (leadKey => lead_key(IDNUM => $_)) } @ids;
        return call('listOperation', listOperation => $operation, listKey => \@list, listMemberList => \@members);
    };
    equal('true', $ask->('ADDTOLIST', 318816)->valueof('//result/success'));
    my $som = $ask->('ISMEMBEROFLIST', 318816, 318817);
    equal(['false', 'true', 'false'], [$som->valueof('//result/success'), $som->valueof('//leadStatus/status')]);
});

check('selector-keys' => sub {
    my $som = get_multiple_leads(selector('LeadKeySelector', keyType => 'IDNUM', keyValues => [stringItem => 318815, stringItem => 318816]));
    equal([2, 0], [$som->valueof('//returnCount'), $som->valueof('//remainingCount')]);
    my @found = sort map { "$_->{Id} $_->{Email}" } $som->valueof('//leadRecord');
    equal(['318815 lead@example.com', '318816 contact@example.com'], \@found);
});

check('selector-list' => sub {
    my $som = get_multiple_leads(selector('StaticListSelector', staticListName => $list[3]));
    die "318816 is not on the list\n" if !grep { $_ == 318816 } $som->valueof('//leadRecord/Id');
});

check('selector-updated' => sub {
    my ($count, %emails, @position, $som) = (0);
    # Positions belong to the range they were given for, so it stays the same.
    my $since = w3c(time - 3600);
    do {
        $som = get_multiple_leads(selector('LastUpdateAtSelector', oldestUpdatedAt => $since), elements(@position, batchSize => 2));
        for ($som->valueof('//leadRecord/Email')) {
            $count++;
            $emails{$_} = 1;
        }
        @position = (streamPosition => scalar $som->valueof('//newStreamPosition'));
    } while $som->valueof('//remainingCount') > 0;
    equal($count, scalar keys %emails);
    equal([1, 1], [@emails{$email, "many-$email"}]);
});

check(changes => sub {
    my $position = [oldestCreatedAt => '2015-09-01T00:00:00-05:00'];
    my @leads;
    for (1 .. 2) {
        my $som = call('getLeadChanges', startPosition => $position, activityNameFilter => [stringItem => 'New Lead'], batchSize => 2);
        push @leads, $som->valueof('//leadChangeRecord/mktPersonId');
        $position = position($som);
    }
    equal([318815 .. 318818], \@leads);
});

my @anybody = elements(leadKey => lead_key(IDNUM => 318815));
check('wrong-key' => sub { expect_fault(20014, send_call('getLead', sign(time, 'another-example-key'), @anybody)) });
check(expired => sub { expect_fault(20016, send_call('getLead', sign(time - 86400, $ENV{MKTOWS_SECRET_KEY}), @anybody)) });

# XML cannot carry U+0001. SOAP::Lite sends it all the same; the server says where it stands.
check(control => sub {
    my @elements = elements(leadRecord => lead("control-$email", "a\x{1}b"), returnLead => 'false');
    my $som = send_call('syncLead', sign(time, $ENV{MKTOWS_SECRET_KEY}), @elements);
    expect_fault(20012, $som);
    my $message = $som->faultdetail->{serviceException}{message};
    die "no place in: $message\n" if $message !~ /attrValue/;
    expect_fault(20103, get_lead_by_email("control-$email"));
});

check('unknown-lead' => sub { expect_fault(20103, get_lead_by_email('nobody@example.com')) });

exit $failed;
