/* A BMS firmware behind the simulated module: the contract, version 1.
 *
 * A firmware is compiled for this machine as a shared library that exports the five
 * functions below. The station loads it (shared_library.py), gives it what the module's
 * own sensors report, and carries out what it drives.
 *
 * Rules:
 *  - Several instances live in one library: no static state, no threads, no clock, no
 *    files, no random numbers. Same calls, same answers.
 *  - bms_step is called at next_wake_us, or earlier when an input has an edge. Time
 *    never goes back; the same time may come twice.
 *  - All numbers are little endian; every structure has a fixed size and begins with
 *    the version and its own size, which the firmware checks.
 *  - Currents are positive into the module (charging).
 *  - The library runs inside the station's process: if it hangs, crashes or writes
 *    beyond its structures, nothing can be caught; run it in a process of its own
 *    (a CI job is one).
 */
#ifndef BMS_FIRMWARE_H
#define BMS_FIRMWARE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* declarations begin: the station reads from here */

#define BMS_ABI 1
#define BMS_CELLS 16
#define BMS_THERMISTORS 4
#define BMS_LEDS 5
#define BMS_CAN_FRAMES 16
#define BMS_SERIAL_BYTES 512
#define BMS_MESSAGES 16
#define BMS_MESSAGE_BYTES 62

enum bms_contactor { BMS_UNCHANGED = 0, BMS_CLOSE = 1, BMS_OPEN = 2 };

enum bms_colour {
    BMS_DARK = 0, BMS_GREEN = 1, BMS_BLUE = 2, BMS_YELLOW = 3, BMS_RED = 4
};

enum bms_mode { BMS_MODE_OFF = 0, BMS_MODE_RUNNING = 1, BMS_MODE_SHUTDOWN = 2 };

/* What last opened the contactor. */
enum bms_opening {
    BMS_OPENED_NEVER = 0,
    BMS_OPENED_OVER_VOLTAGE = 1,
    BMS_OPENED_UNDER_VOLTAGE = 2,
    BMS_OPENED_CHARGE_OVER_CURRENT = 3,
    BMS_OPENED_DISCHARGE_OVER_CURRENT = 4,
    BMS_OPENED_CHARGE_HOT = 5,
    BMS_OPENED_CHARGE_COLD = 6,
    BMS_OPENED_DISCHARGE_HOT = 7,
    BMS_OPENED_DISCHARGE_COLD = 8,
    BMS_OPENED_SHUTDOWN = 9,
    BMS_OPENED_OTHER = 10
};

/* What the module remembers when the simulation begins. */
typedef struct {
    uint32_t abi;
    uint32_t size;
    uint32_t soc_ppm;          /* state of charge, millionths of full */
    uint32_t mode;             /* enum bms_mode */
    uint32_t last_opening;     /* enum bms_opening */
    uint32_t trips;            /* consecutive current and voltage trips */
} bms_config;

typedef struct {
    uint32_t id;
    uint8_t bytes;             /* 0 to 8 */
    uint8_t data[8];
    uint8_t reserved[3];
} bms_can_frame;

/* One message of the RS485 chain between modules. */
typedef struct {
    uint16_t bytes;
    uint8_t data[BMS_MESSAGE_BYTES];
} bms_message;

typedef struct {
    uint32_t abi;
    uint32_t size;
    int64_t now_us;
    int32_t cell_uv[BMS_CELLS];
    int32_t pack_mv;           /* measured sum of the cells */
    int32_t terminal_mv;
    int32_t current_ma;        /* positive into the module */
    uint32_t ntc_ohm[BMS_THERMISTORS]; /* 0 = short, 0xFFFFFFFF = open */
    uint8_t button;            /* 1 = pressed */
    uint8_t dip;               /* bit 0 = switch 1 */
    uint8_t di[2];
    uint8_t contactor_closed;  /* feedback of the main contactor */
    uint8_t reserved[3];
    uint16_t can_frames;
    uint16_t serial_bytes;
    uint16_t messages_a;
    uint16_t messages_b;
    bms_can_frame can[BMS_CAN_FRAMES];
    uint8_t serial[BMS_SERIAL_BYTES];
    bms_message rs485_a[BMS_MESSAGES];
    bms_message rs485_b[BMS_MESSAGES];
} bms_inputs;

/* Cleared by the station before every step, but for abi and size. */
typedef struct {
    uint32_t abi;
    uint32_t size;
    int64_t next_wake_us;      /* later than now_us; INT64_MAX = off: its button only */
    uint8_t contactor;         /* enum bms_contactor: a pulse to the latching coil */
    uint8_t leds[BMS_LEDS];    /* enum bms_colour; LED1 first */
    uint8_t button_led;        /* enum bms_colour */
    uint8_t reserved;
    uint16_t bleed;            /* bit 0 = cell 1 */
    uint8_t dry_out[2];
    uint16_t can_frames;
    uint16_t serial_bytes;
    uint16_t messages_a;
    uint16_t messages_b;
    uint8_t reserved_too[4];
    bms_can_frame can[BMS_CAN_FRAMES];
    uint8_t serial[BMS_SERIAL_BYTES];
    bms_message rs485_a[BMS_MESSAGES];
    bms_message rs485_b[BMS_MESSAGES];
} bms_outputs;

typedef struct bms bms;

/* The version this library was built for: BMS_ABI. */
uint32_t bms_abi(void);

/* Begin; `nvm` is what bms_nvm once gave, or NULL. NULL = refused. */
bms *bms_new(const bms_config *config, const uint8_t *nvm, uint32_t nvm_bytes);

/* Advance to in->now_us; 0 = done, anything else is the firmware's own error. */
int32_t bms_step(bms *unit, const bms_inputs *in, bms_outputs *out);

/* Write what survives a power cut, at most `room` bytes; return how many it needs. */
uint32_t bms_nvm(bms *unit, uint8_t *to, uint32_t room);

void bms_free(bms *unit);

/* declarations end */

#ifdef __cplusplus
}
#endif

#endif
