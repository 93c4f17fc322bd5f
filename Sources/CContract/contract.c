#include "CContract.h"

// `#embed` is of C23, and in every clang that comes with a Swift that builds this.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t yaml[] = {
#embed "../../openapi/posthorn.yaml"
};

static const uint8_t json[] = {
#embed "../../openapi/posthorn.json"
};

const uint8_t *const contract_yaml = yaml;
const size_t contract_yaml_size = sizeof yaml;
const uint8_t *const contract_json = json;
const size_t contract_json_size = sizeof json;
