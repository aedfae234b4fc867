// Decodes a getLeadActivity answer again and again with the code that gSOAP generates
// from the WSDL, and prints the nanoseconds that one decoding takes.
//
//	decode FILE MILLISECONDS
#include "MktowsApiSoapBinding.nsmap"
#include "soapH.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

static std::string document;
static size_t place;

static size_t receive(struct soap *, char *buffer, size_t length) {
	size_t n = std::min(length, document.size() - place);
	memcpy(buffer, document.data() + place, n);
	place += n;
	return n;
}

static size_t decode(struct soap *soap) {
	place = 0;
	ns1__SuccessGetLeadActivity answer;
	answer.soap_default(soap);
	if (soap_begin_recv(soap) || soap_envelope_begin_in(soap) || soap_recv_header(soap) || soap_body_begin_in(soap) ||
	    !answer.soap_get(soap, "ns1:successGetLeadActivity", NULL) || soap_body_end_in(soap) || soap_envelope_end_in(soap) ||
	    soap_end_recv(soap)) {
		soap_print_fault(soap, stderr);
		exit(1);
	}
	size_t records = answer.leadActivityList->activityRecordList->activityRecord.size();
	soap_destroy(soap);
	soap_end(soap);
	return records;
}

int main(int argc, char **argv) {
	std::ifstream in(argv[1], std::ios::binary);
	document.assign(std::istreambuf_iterator<char>(in), {});
	struct soap *soap = soap_new2(SOAP_XML_STRICT, SOAP_XML_STRICT);
	soap->frecv = receive;
	const auto budget = std::chrono::milliseconds(atoi(argv[2]));
	size_t records = decode(soap);
	long runs = 0;
	const auto begin = std::chrono::steady_clock::now();
	while (std::chrono::steady_clock::now() - begin < budget) {
		if (decode(soap) != records)
			return 1;
		runs++;
	}
	const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
	printf("%zu %.0f\n", records, took.count() / runs);
}
