#pragma once
#include <stddef.h>
#include <stdint.h>

// The files of openapi/ as they are when this is compiled. Data only: no logic in C.
extern const uint8_t *const contract_yaml;
extern const size_t contract_yaml_size;
extern const uint8_t *const contract_json;
extern const size_t contract_json_size;
