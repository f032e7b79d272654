#include <trnnsf/status.h>

const char *trnnsf_status_name(trnnsf_status status)
{
    switch (status) {
#define NAME_CASE(number, name, text)                                                              \
    case TRNNSF_##name:                                                                            \
        return "TRNNSF_" #name;
        TRNNSF_STATUS_LIST(NAME_CASE)
    }
    return "unknown";
}

const char *trnnsf_status_text(trnnsf_status status)
{
    switch (status) {
#define TEXT_CASE(number, name, text)                                                              \
    case TRNNSF_##name:                                                                            \
        return text;
        TRNNSF_STATUS_LIST(TEXT_CASE)
    }
    return "unknown status";
}
