/* A firmware that does one thing wrong, chosen by -DODD=number, or echoes (0). */
#include <stdlib.h>
#include <string.h>

#include "firmware.h"

#ifndef ODD
#define ODD 0
#endif
#ifndef VERSION
#define VERSION BMS_ABI
#endif

struct bms {
    int64_t steps;
};

uint32_t bms_abi(void) { return VERSION; }

bms *bms_new(const bms_config *config, const uint8_t *nvm, uint32_t nvm_bytes)
{
    (void)nvm;
    (void)nvm_bytes;
    if (ODD == 1 || config->abi != BMS_ABI || config->size != sizeof *config)
        return NULL;
    return calloc(1, sizeof(struct bms));
}

static void echo(struct bms *b, const bms_inputs *in, bms_outputs *out)
{
    out->next_wake_us = in->now_us + 1000;
    out->can_frames = in->can_frames;
    memcpy(out->can, in->can, sizeof in->can);
    out->serial_bytes = in->serial_bytes;
    memcpy(out->serial, in->serial, in->serial_bytes);
    out->messages_a = in->messages_b;
    memcpy(out->rs485_a, in->rs485_b, sizeof in->rs485_b);
    out->messages_b = in->messages_a;
    memcpy(out->rs485_b, in->rs485_a, sizeof in->rs485_a);
    out->contactor = in->button ? BMS_CLOSE : BMS_OPEN;
    out->leds[0] = BMS_RED;
    out->leds[4] = BMS_BLUE;
    out->button_led = in->contactor_closed ? BMS_GREEN : BMS_DARK;
    out->bleed = (uint16_t)(in->dip | 1 << 15);
    memcpy(out->dry_out, in->di, sizeof in->di);
    /* What else came in, as one frame of eight bytes: a count, then four numbers. */
    if (in->can_frames == 0) {
        int16_t numbers[4] = {(int16_t)(in->cell_uv[15] / 1000), (int16_t)in->pack_mv,
                              (int16_t)in->terminal_mv, (int16_t)(in->current_ma / 10)};
        out->can_frames = 2;
        memcpy(out->can[0].data, numbers, sizeof numbers);
        out->can[0].bytes = 8;
        out->can[0].id = (uint32_t)++b->steps;
        memcpy(out->can[1].data, &in->ntc_ohm[2], 8);
        out->can[1].bytes = 8;
    }
}

int32_t bms_step(bms *b, const bms_inputs *in, bms_outputs *out)
{
    echo(b, in, out);
    switch (ODD) {
    case 2: return 7;
    case 3: out->next_wake_us = in->now_us; break;
    case 4: out->contactor = 3; break;
    case 5: out->leds[2] = 5; break;
    case 6: out->can_frames = BMS_CAN_FRAMES + 1; break;
    case 7: out->can[0].bytes = 9; break;
    case 8: out->serial_bytes = BMS_SERIAL_BYTES + 1; break;
    case 9: out->messages_a = 1; out->rs485_a[0].bytes = BMS_MESSAGE_BYTES + 1; break;
    case 10: out->size = 1; break;
    case 11: ((volatile uint8_t *)out)[sizeof *out + 3] = 0; break;
    case 12: out->can[1].id = 0x20000000; break;
    case 13: out->button_led = 9; break;
    case 14: out->dry_out[1] = 2; break;
    default: break;
    }
    return 0;
}

uint32_t bms_nvm(bms *b, uint8_t *to, uint32_t room)
{
    (void)b;
    (void)to;
    (void)room;
    return 0;
}

void bms_free(bms *b) { free(b); }
