<?php
// A program as they were written when the SOAP API was there; its endpoint is all that has changed.
$endpoint = getenv('ENDPOINT') ?: 'http://127.0.0.1:8090/soap/mktows/2_7';
$client = new SoapClient($endpoint . '?WSDL', ['cache_wsdl' => WSDL_CACHE_NONE]);
$time = date('c');
$client->__setSoapHeaders(new SoapHeader('http://www.marketo.com/mktows/', 'AuthenticationHeader', [
    'mktowsUserId' => 'example_user',
    'requestSignature' => hash_hmac('sha1', $time . 'example_user', 'example-key'),
    'requestTimestamp' => $time,
]));
$answer = $client->getLead(['leadKey' => ['keyType' => 'IDNUM', 'keyValue' => 318815]]);
echo $answer->result->leadRecordList->leadRecord->Email, "\n";
