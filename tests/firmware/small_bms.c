/* A small BMS in C: proof that another firmware fits behind the simulated module.
 *
 * It is written from the same description as the Python model: start and shutdown by
 * button, over- and under-voltage of pack and cells, over-current both ways, the
 * temperature cut-offs, forced charge, self-restart, lock-out, derating, LED bar, CAN
 * frames and the service port. It stands alone: no chain and no balancing.
 *
 * A threshold can be compiled in: cc -DPACK_OVER_VOLTAGE_V=59.9 ...
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"

#ifndef PACK_OVER_VOLTAGE_V
#define PACK_OVER_VOLTAGE_V 58.9
#endif
#ifndef CHARGE_TRIP_A
#define CHARGE_TRIP_A 118.0
#endif
#ifndef DISCHARGE_TRIP_A
#define DISCHARGE_TRIP_A 118.0
#endif
#ifndef FORCED_WINDOW_S
#define FORCED_WINDOW_S 90.0
#endif
#ifndef CHARGE_ROW_3_C
#define CHARGE_ROW_3_C 0.3
#endif

#define S 1000000LL
#define NEVER INT64_MAX
#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

enum state { OFF, STARTING, RUNNING, TRIPPED, FORCED };

/* Causes carry the numbers of enum bms_opening; a sensor fault opens nothing. */
enum { NO_CAUSE = BMS_OPENED_NEVER, SENSOR_FAULT = 9, CAUSES = 10 };

static const double charge_rows[][2] = {
    {-6.5, 0.1}, {0.5, 0.2}, {10.5, CHARGE_ROW_3_C}, {14.5, 0.8}, {45.5, 1.0}, {55.0, 0.5}};
static const double discharge_rows[][2] = {
    {-10.5, 0.2}, {-6.5, 0.3}, {0.5, 0.3}, {10.5, 0.8}, {55.5, 1.0}, {65.0, 0.5}};

static const int64_t restart_us[] = {
    900 * S, 1800 * S, 2700 * S, 3600 * S, 129600 * S, 172800 * S, 216000 * S,
    259200 * S, 302400 * S, 345600 * S, 388800 * S, 432000 * S};

/* Which LEDs are red, bit 0 = LED1, and which bit of CAN 0x359, by cause. */
static const uint8_t pages[CAUSES] = {0, 16, 1, 4, 4, 8, 2, 8, 2, 31};
static const uint8_t flag_bits[CAUSES] = {0, 1, 2, 8, 7, 3, 4, 3, 4, 11};

typedef struct {
    int64_t since;
} delay;

struct bms {
    enum state state;
    int64_t now, since, last, due_second, awake_since;
    int closed, told, last_opening, cause, awake;
    double cell[BMS_CELLS], high, low, pack, terminal, amps, counted;
    double hot, cold, mean;
    int sensor_bad, feedback;
    delay pack_high, cell_high, pack_low, cell_low, amps_in, amps_out;
    delay heat[4], sensor, held;
    int64_t raised[CAUSES];
    int pressed, long_done;
    int64_t pressed_at, begun;
    int forced, trips, attempts, armed;
    int64_t locked_until, last_trip, origin, ran_since;
    unsigned counts[2];
    double soc, charge_a, discharge_a, taper;
    int full, tapering;
    int64_t tail_since, discharging_since, last_derating;
    double soc_before;
    uint8_t buffer[BMS_SERIAL_BYTES], di[2], dry_out[2];
    unsigned buffered, key;
    int64_t heard;
};

static int64_t us(double seconds) { return (int64_t)llround(seconds * S); }

static int elapsed(delay *d, int active, int64_t now, double seconds)
{
    if (!active) {
        d->since = NEVER;
        return 0;
    }
    if (d->since == NEVER)
        d->since = now;
    return now - d->since >= us(seconds);
}

static void earliest(int64_t *due, int64_t candidate, int64_t now)
{
    if (candidate > now && candidate < *due)
        *due = candidate;
}

/* ---- what the sensors say ---------------------------------------------------- */

static void sense(struct bms *b, const bms_inputs *in)
{
    int k, found = 0;
    double sum = 0.0, hot = -273.0, cold = 1000.0;

    b->now = in->now_us;
    b->high = -1e9;
    b->low = 1e9;
    for (k = 0; k < BMS_CELLS; k++) {
        b->cell[k] = in->cell_uv[k] / 1e6;
        b->high = fmax(b->high, b->cell[k]);
        b->low = fmin(b->low, b->cell[k]);
    }
    b->pack = in->pack_mv / 1e3;
    b->terminal = in->terminal_mv / 1e3;
    b->amps = in->current_ma / 1e3;
    b->feedback = in->contactor_closed;
    memcpy(b->di, in->di, sizeof b->di);
    for (k = 0; k < BMS_THERMISTORS; k++) {
        double ohm = in->ntc_ohm[k], c;
        if (ohm <= 100.0 || ohm >= 1e6)
            continue;
        c = 1.0 / (1.0 / 298.15 + log(ohm / 1e4) / 3435.0) - 273.15;
        hot = fmax(hot, c);
        cold = fmin(cold, c);
        sum += c;
        found++;
    }
    b->sensor_bad = found < BMS_THERMISTORS;
    if (found) {
        b->hot = hot;
        b->cold = cold;
        b->mean = sum / found;
    }
}

/* ---- state of charge and current limits --------------------------------------- */

static void count_charge(struct bms *b)
{
    double hours = (b->now - b->last) / 3600e6, soc = b->soc;

    if (b->counted > 0.0) {
        if (soc < 98.0) /* above the anchor only the voltage may say more */
            soc = fmin(98.0, soc + 100.0 * b->counted * hours / 88.0);
    } else {
        soc = fmax(0.0, soc + 100.0 * b->counted * hours / 88.0);
    }
    b->soc = soc;
    b->last = b->now;
    b->counted = b->amps;
}

/* State of charge at 43 A out of the module, by terminal voltage. */
static double soc_of(double volts)
{
    static const double map[][2] = {{49.5, 0.0}, {50.5, 5.0}, {51.0, 10.0}, {51.5, 25.0}};
    int k;

    for (k = 1; k < COUNT(map) - 1 && volts >= map[k][0]; k++)
        ;
    return fmax(0.0, map[k - 1][1] + (map[k][1] - map[k - 1][1])
                                         * (volts - map[k - 1][0])
                                         / (map[k][0] - map[k - 1][0]));
}

static void anchor_low(struct bms *b)
{
    double volts = b->terminal - 0.012 * (b->amps + 43.0);

    if (b->discharging_since == NEVER)
        b->discharging_since = b->now;
    if (volts < 51.5 && b->now - b->discharging_since >= 5 * S && b->cold >= 10.0)
        b->soc = fmin(b->soc_before, soc_of(volts));
}

static void anchor_high(struct bms *b)
{
    if (b->amps <= 1.0 || b->terminal < 54.4) {
        b->tail_since = NEVER;
        return;
    }
    if (b->amps <= 72.0)
        b->soc = fmax(b->soc, 98.0);
    if (b->amps > 10.5) {
        b->tail_since = NEVER;
        return;
    }
    if (b->tail_since == NEVER)
        b->tail_since = b->now;
    if (b->now - b->tail_since >= 2 * S)
        b->soc = 100.0;
}

static void anchor(struct bms *b)
{
    anchor_high(b);
    if (b->amps < -1.0)
        anchor_low(b);
    else
        b->discharging_since = NEVER;
    b->soc_before = b->soc;
}

static double rate(const double rows[][2], int count, double from_c, double c)
{
    int k;

    if (c < from_c)
        return 0.0;
    for (k = 0; k < count; k++)
        if (c <= rows[k][0])
            return rows[k][1];
    return 0.0;
}

static void derate(struct bms *b)
{
    double in = 86.0 * fmin(rate(charge_rows, COUNT(charge_rows), -10.0, b->hot),
                            rate(charge_rows, COUNT(charge_rows), -10.0, b->cold));
    double out = 86.0 * fmin(rate(discharge_rows, COUNT(discharge_rows), -20.0, b->hot),
                             rate(discharge_rows, COUNT(discharge_rows), -20.0, b->cold));

    if (b->soc < 97.0)
        b->tapering = b->full = 0;
    else if (b->soc >= 100.0)
        b->full = 1;
    if (b->tapering) {
        b->taper = fmax(10.0, b->taper - 0.5 * (b->now - b->last_derating) / S);
    } else if (b->amps > 1.0 && b->pack >= 54.4) {
        b->tapering = 1;
        b->taper = fmax(10.0, in);
    }
    if (b->tapering)
        in = fmin(in, b->taper);
    b->last_derating = b->now;
    b->charge_a = b->full ? 0.0 : in;
    b->discharge_a = b->soc <= 0.0 ? 0.0 : out;
    if (b->raised[SENSOR_FAULT] != NEVER || !b->closed)
        b->charge_a = b->discharge_a = 0.0;
    else if (b->state == FORCED || b->pack <= 48.0)
        b->discharge_a = 0.0;
}

/* ---- protections --------------------------------------------------------------- */

static void forget_delays(struct bms *b)
{
    int k;

    b->pack_high.since = b->cell_high.since = b->pack_low.since = NEVER;
    b->cell_low.since = b->amps_in.since = b->amps_out.since = NEVER;
    for (k = 0; k < 4; k++)
        b->heat[k].since = NEVER;
}

static int protection(struct bms *b)
{
    static const int causes[4] = {BMS_OPENED_CHARGE_HOT, BMS_OPENED_CHARGE_COLD,
                                  BMS_OPENED_DISCHARGE_HOT, BMS_OPENED_DISCHARGE_COLD};
    int in = b->amps > 1.0, out = b->amps < -1.0, k;
    int passed[4] = {in && b->hot > 55.0, in && b->cold < -10.0,
                     out && b->hot > 65.0, out && b->cold < -20.0};
    int high = elapsed(&b->pack_high, b->pack >= PACK_OVER_VOLTAGE_V, b->now, 1.0);
    int cell_high = elapsed(&b->cell_high, b->high >= 3.75, b->now, 1.0);
    int watched = !in && b->state != FORCED;
    int low = elapsed(&b->pack_low, watched && b->pack <= 46.0, b->now, 1.5);
    int cell_low = elapsed(&b->cell_low, watched && b->low <= 2.5, b->now, 1.5);
    int much_in = elapsed(&b->amps_in, b->amps >= CHARGE_TRIP_A, b->now, 1.5);
    int much_out = elapsed(&b->amps_out, -b->amps >= DISCHARGE_TRIP_A, b->now, 1.5);
    int cause = NO_CAUSE;

    for (k = 3; k >= 0; k--)
        if (elapsed(&b->heat[k], passed[k], b->now, 5.0))
            cause = causes[k];
    if (high || cell_high)
        return BMS_OPENED_OVER_VOLTAGE;
    if (low || cell_low)
        return BMS_OPENED_UNDER_VOLTAGE;
    if (much_in)
        return BMS_OPENED_CHARGE_OVER_CURRENT;
    if (much_out)
        return BMS_OPENED_DISCHARGE_OVER_CURRENT;
    return cause;
}

static int released(const struct bms *b, int cause)
{
    switch (cause) {
    case BMS_OPENED_OVER_VOLTAGE: return b->pack < 56.0 && b->high < 3.55;
    case BMS_OPENED_UNDER_VOLTAGE: return b->pack > 48.0 && b->low > 2.8;
    case BMS_OPENED_CHARGE_HOT: return b->hot < 50.0;
    case BMS_OPENED_CHARGE_COLD: return b->cold > -5.0;
    case BMS_OPENED_DISCHARGE_HOT: return b->hot < 60.0;
    case BMS_OPENED_DISCHARGE_COLD: return b->cold > -15.0;
    default: return fabs(b->amps) <= 1.0;
    }
}

/* ---- states -------------------------------------------------------------------- */

static void enter(struct bms *b, enum state state)
{
    b->state = state;
    b->since = b->now;
}

static void raise_cause(struct bms *b, int cause, int active)
{
    if (!active)
        b->raised[cause] = NEVER;
    else if (b->raised[cause] == NEVER)
        b->raised[cause] = b->now;
}

static void trip(struct bms *b, int cause)
{
    if (cause <= BMS_OPENED_DISCHARGE_OVER_CURRENT) {
        if (b->now - b->last_trip >= 1800 * S)
            b->trips = 0;
        b->last_trip = b->now;
        if (++b->trips >= 4) {
            b->locked_until = b->now + 1800 * S;
            b->trips = 0;
        }
    }
    if (cause == BMS_OPENED_CHARGE_OVER_CURRENT)
        b->counts[0]++;
    if (cause == BMS_OPENED_DISCHARGE_OVER_CURRENT)
        b->counts[1]++;
    if (b->origin == NEVER || (b->ran_since != NEVER && b->now - b->ran_since >= 900 * S)) {
        b->origin = b->now;
        b->attempts = 0;
    }
    b->armed = 1;
    b->forced = 0;
    b->closed = 0;
    b->last_opening = b->cause = cause;
    raise_cause(b, cause, 1);
    forget_delays(b);
    enter(b, TRIPPED);
}

static void start(struct bms *b)
{
    int cause = b->last_opening;

    if (cause > NO_CAUSE && cause <= BMS_OPENED_DISCHARGE_COLD && !released(b, cause)) {
        b->closed = 0;
        b->cause = cause;
        raise_cause(b, cause, 1);
        enter(b, TRIPPED);
        return;
    }
    if (b->cause != NO_CAUSE)
        raise_cause(b, b->cause, 0);
    b->cause = NO_CAUSE;
    enter(b, STARTING);
}

static void run(struct bms *b)
{
    b->last_opening = BMS_OPENED_NEVER;
    b->armed = 0;
    b->ran_since = b->now;
    forget_delays(b);
    enter(b, RUNNING);
}

static void turn_off(struct bms *b)
{
    int k;

    if (b->closed && b->state == RUNNING)
        b->last_opening = BMS_OPENED_SHUTDOWN;
    b->closed = b->forced = b->armed = 0;
    b->cause = NO_CAUSE;
    b->origin = b->ran_since = NEVER;
    for (k = 0; k < CAUSES; k++)
        b->raised[k] = NEVER;
    enter(b, OFF);
}

static void press_short(struct bms *b)
{
    if (b->state != OFF || b->now < b->locked_until)
        return;
    if (b->last_opening == BMS_OPENED_UNDER_VOLTAGE && b->pack <= 48.0) {
        b->forced = 1;
        b->begun = b->pressed_at;
        b->held.since = NEVER;
        enter(b, FORCED);
        return;
    }
    start(b);
}

static void take_button(struct bms *b, int pressed)
{
    int64_t held;

    if (pressed && !b->pressed) {
        b->pressed = 1;
        b->pressed_at = b->now;
        b->long_done = 0;
    }
    held = b->now - b->pressed_at;
    if (pressed) {
        if (held >= us(4.5) && !b->long_done) {
            b->long_done = 1;
            if (b->state != OFF)
                turn_off(b);
        }
    } else if (b->pressed) {
        b->pressed = 0;
        if (!b->long_done && held >= us(0.5) && held <= us(3.0))
            press_short(b);
    }
}

static void tick(struct bms *b)
{
    if (b->state == STARTING && b->now - b->since >= us(5.0)) {
        b->closed = 1;
        run(b);
    } else if (b->state == FORCED) {
        int enough = b->amps > 10.0;
        if (b->now - b->since >= us(0.5))
            b->closed = 1;
        if (elapsed(&b->held, enough, b->now, 3.0)) {
            b->forced = 2;
            run(b);
        } else if (b->now - b->begun >= us(FORCED_WINDOW_S) && !enough) {
            turn_off(b);
        }
    } else if (b->state == TRIPPED && b->armed) {
        int due = 0;
        while (b->attempts < COUNT(restart_us)
               && b->origin + restart_us[b->attempts] <= b->now) {
            b->attempts++;
            due = 1;
        }
        if (due && (b->last_opening == NO_CAUSE || released(b, b->last_opening)))
            start(b);
    }
}

/* ---- service port ---------------------------------------------------------------- */

static uint16_t word(double value) { return (uint16_t)(int32_t)nearbyint(value); }

static uint16_t io_bits(const struct bms *b)
{
    return (uint16_t)((b->di[0] != 0) | (b->di[1] != 0) << 1 | b->dry_out[0] << 2
                      | b->dry_out[1] << 3 | (b->feedback ? 0x1D0 : 0)
                      | (b->charge_a > 0.0) << 5);
}

static uint16_t read_register(const struct bms *b, unsigned address)
{
    static const uint16_t release[] = {95, 90, 105, 100, 30, 35, 20, 25, 5450, 6500};
    int64_t awake_s = (b->now - b->awake_since) / S;
    uint32_t forced_ds = b->forced == 1 ? (uint32_t)((b->now - b->begun) / (S / 10)) : 0;

    if (address >= 23 && address < 23 + BMS_CELLS)
        return word(b->cell[address - 23] * 1e3);
    if (address >= 61 && address <= 70)
        return release[address - 61];
    switch (address) {
    case 7: return BMS_CELLS;
    case 8: return BMS_THERMISTORS;
    case 9: return 101;
    case 10: return 372;
    case 11: return 200;
    case 12: return (uint16_t)(awake_s >> 16);
    case 13: return (uint16_t)awake_s;
    case 14: return word(b->pack * 100.0);
    case 15: return word(-b->amps * 100.0);
    case 16: return word(fmin(fmax(b->hot, -40.0), 215.0) + 40.0);
    case 17: return word(fmin(fmax(b->cold, -40.0), 215.0) + 40.0);
    case 18: return word(b->high * 1e3);
    case 19: return word(b->low * 1e3);
    case 20: case 206: return word(b->soc / 0.4);
    case 21: return 86;
    case 51: return 3750;
    case 52: return 3550;
    case 53: return 2500;
    case 54: return 2800;
    case 55: return word(PACK_OVER_VOLTAGE_V * 100.0);
    case 56: return 5600;
    case 57: return 4600;
    case 58: return 4800;
    case 59: return word(-DISCHARGE_TRIP_A * 100.0);
    case 60: return word(CHARGE_TRIP_A * 100.0);
    case 71: return io_bits(b);
    case 72: return word(b->pack * 100.0);
    case 73: return word(-b->amps * 100.0);
    case 74: case 207: return (uint16_t)b->forced;
    case 75: return (uint16_t)b->counts[0];
    case 76: return (uint16_t)b->counts[1];
    case 77: return 4950;
    case 78: return word(b->discharge_a * 100.0);
    case 203: return word(b->charge_a * 10.0);
    case 204: return word(b->discharge_a * 10.0);
    case 205: return word(-b->amps * 10.0);
    case 208: return (uint16_t)(forced_ds >> 16);
    case 209: return (uint16_t)forced_ds;
    default: return 0;
    }
}

static unsigned checksum(const uint8_t *data, unsigned bytes, unsigned key)
{
    unsigned crc = 0xFFFF, k, bit;

    for (k = 0; k < bytes; k++) {
        crc ^= data[k];
        for (bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return (~(crc | key) + 26) & 0xFFFF;
}

static unsigned sealed(uint8_t *frame, unsigned bytes, unsigned key)
{
    unsigned sum = checksum(frame, bytes, key);

    frame[bytes] = sum & 0xFF;
    frame[bytes + 1] = sum >> 8;
    return bytes + 2;
}

static unsigned answer(struct bms *b, uint8_t *reply)
{
    static const uint8_t accepted[6] = {1, 3, 3, 0x23, 0, 0};
    const uint8_t *q = b->buffer;
    unsigned start_at, count, k;

    if (q[0] == 0) { /* a session key is announced */
        if (q[1] != 3 || q[4] != 0 || q[5] != 1)
            return 0;
        b->key = q[2] << 8 | q[3];
        memcpy(reply, accepted, sizeof accepted);
        return sealed(reply, sizeof accepted, b->key);
    }
    start_at = q[2] << 8 | q[3];
    count = q[4] << 8 | q[5];
    if (q[0] != 1 || q[1] != 3 || count < 1 || count > 125
        || checksum(q, 6, b->key) != (unsigned)(q[6] | q[7] << 8))
        return 0;
    reply[0] = 1;
    reply[1] = 3;
    reply[2] = (uint8_t)(2 * count);
    for (k = 0; k < count; k++) {
        uint16_t value = read_register(b, start_at + k);
        reply[3 + 2 * k] = value >> 8;
        reply[4 + 2 * k] = value & 0xFF;
    }
    return sealed(reply, 3 + 2 * count, b->key);
}

static void serve(struct bms *b, const bms_inputs *in, bms_outputs *out)
{
    if (!in->serial_bytes)
        return;
    if (b->now - b->heard > 20000)
        b->buffered = 0;
    b->heard = b->now;
    if (b->buffered + in->serial_bytes > sizeof b->buffer)
        b->buffered = 0;
    memcpy(b->buffer + b->buffered, in->serial, in->serial_bytes);
    b->buffered += in->serial_bytes;
    if (b->buffered < (b->buffer[0] == 0 ? 6u : 8u))
        return;
    out->serial_bytes =
        b->buffered == (b->buffer[0] == 0 ? 6u : 8u) ? (uint16_t)answer(b, out->serial) : 0;
    b->buffered = 0;
}

/* ---- CAN --------------------------------------------------------------------------- */

static void send(bms_outputs *out, uint32_t id, const uint16_t *words, int count)
{
    bms_can_frame *frame = &out->can[out->can_frames++];
    int k;

    frame->id = id;
    frame->bytes = (uint8_t)(2 * count);
    for (k = 0; k < count; k++) {
        frame->data[2 * k] = words[k] & 0xFF;
        frame->data[2 * k + 1] = words[k] >> 8;
    }
}

static uint32_t flags(const struct bms *b)
{
    uint32_t bits = 0;
    double hot_c = b->amps < -1.0 ? 65.0 : 55.0, cold_c = b->amps < -1.0 ? -20.0 : -10.0;
    int k;

    for (k = 1; k < CAUSES; k++)
        if (b->raised[k] != NEVER && b->now - b->raised[k] >= us(0.2))
            bits |= 1u << flag_bits[k];
    bits |= (uint32_t)(b->pack >= 57.6) << 17 | (uint32_t)(b->pack <= 48.0) << 18;
    bits |= (uint32_t)(b->hot > hot_c - 3.0) << 19;
    bits |= (uint32_t)(b->cold < cold_c + 3.0) << 20;
    bits |= (uint32_t)(-b->amps >= 112.0) << 23 | (uint32_t)(b->amps >= 112.0) << 24;
    return bits;
}

static void talk(const struct bms *b, bms_outputs *out)
{
    uint32_t bits = flags(b);
    uint16_t limits[4] = {545, word(b->charge_a * 10.0), word(b->discharge_a * 10.0), 495};
    uint16_t charge[2] = {word(b->soc), 100};
    uint16_t pack[3] = {word(b->pack * 100.0), word(b->amps * 10.0), word(b->mean * 10.0)};
    uint16_t states[4] = {(uint16_t)bits, (uint16_t)(bits >> 16), 1 | 'P' << 8, 'N'};
    uint16_t allowed[1] = {(uint16_t)((b->charge_a > 0.0) << 7 | (b->discharge_a > 0.0) << 6
                                      | (b->state == FORCED) << 5)};
    uint16_t maker[4] = {'W' | 'E' << 8, 'C' | 'O' << 8, 0x2020, 0x2020};

    send(out, 0x351, limits, 4);
    send(out, 0x355, charge, 2);
    send(out, 0x356, pack, 3);
    send(out, 0x359, states, 4);
    out->can[out->can_frames - 1].bytes = 7;
    send(out, 0x35C, allowed, 1);
    send(out, 0x35E, maker, 4);
}

/* ---- light ------------------------------------------------------------------------- */

static void bar(uint8_t *leds, unsigned lit, int colour)
{
    int k;

    for (k = 0; k < BMS_LEDS; k++)
        leds[k] = lit >> k & 1 ? (uint8_t)colour : BMS_DARK;
}

static void light(const struct bms *b, bms_outputs *out, int64_t *due)
{
    static const int order[] = {SENSOR_FAULT, 1, 2, 3, 4, 5, 7, 6, 8};
    static const double from[] = {6.0, 32.0, 55.0, 90.0};
    unsigned lit = 1;
    int k, worst = NO_CAUSE;

    if (b->state == STARTING || b->state == FORCED) {
        int64_t phase = (b->now - b->since) % S;
        out->button_led = phase < S / 2 ? BMS_GREEN : BMS_DARK;
        earliest(due, b->now - phase + (phase < S / 2 ? S / 2 : S), b->now);
    } else if (b->state == RUNNING) {
        out->button_led = BMS_GREEN;
    }
    if (b->state == STARTING) {
        bar(out->leds, 31, BMS_GREEN);
        return;
    }
    for (k = 0; k < COUNT(order) && worst == NO_CAUSE; k++)
        if (b->raised[order[k]] != NEVER)
            worst = order[k];
    if (worst != NO_CAUSE) {
        int64_t phase = (b->now - b->raised[worst]) % (10 * S);
        earliest(due, b->now - phase + (phase < 5 * S ? 5 * S : 10 * S), b->now);
        if (phase < 5 * S) {
            bar(out->leds, pages[worst], BMS_RED);
            return;
        }
    }
    for (k = 0; k < COUNT(from); k++)
        if (b->soc >= from[k])
            lit = lit << 1 | 1;
    bar(out->leds, lit, b->soc < 4.9 ? BMS_YELLOW : BMS_BLUE);
}

/* ---- one step ---------------------------------------------------------------------- */

static int64_t next_wake(const struct bms *b, int64_t due)
{
    const delay *running[] = {&b->pack_high, &b->cell_high, &b->pack_low, &b->cell_low,
                              &b->amps_in, &b->amps_out};
    static const double lasts[] = {1.0, 1.0, 1.5, 1.5, 1.5, 1.5};
    int k, near;

    earliest(&due, b->due_second, b->now);
    if (b->pressed && !b->long_done)
        earliest(&due, b->pressed_at + us(4.5), b->now);
    if (b->state == STARTING)
        earliest(&due, b->since + us(5.0), b->now);
    if (b->state == FORCED) {
        earliest(&due, b->since + us(0.5), b->now);
        earliest(&due, b->begun + us(FORCED_WINDOW_S), b->now);
        if (b->held.since != NEVER)
            earliest(&due, b->held.since + us(3.0), b->now);
    }
    if (b->state == TRIPPED && b->armed && b->attempts < COUNT(restart_us))
        earliest(&due, b->origin + restart_us[b->attempts], b->now);
    near = b->closed
           && (b->pack > PACK_OVER_VOLTAGE_V - 0.6 || b->high > 3.69 || b->pack < 46.6
               || b->low < 2.65 || b->amps > CHARGE_TRIP_A - 6.0
               || -b->amps > DISCHARGE_TRIP_A - 6.0 || b->hot > 54.0 || b->cold < -9.0);
    if (!near)
        return due;
    earliest(&due, b->now + S / 10, b->now);
    for (k = 0; k < COUNT(running); k++)
        if (running[k]->since != NEVER)
            earliest(&due, running[k]->since + us(lasts[k]), b->now);
    for (k = 0; k < 4; k++)
        if (b->heat[k].since != NEVER)
            earliest(&due, b->heat[k].since + us(5.0), b->now);
    return due;
}

static void command(struct bms *b, bms_outputs *out)
{
    if (b->closed != b->told)
        out->contactor = b->closed ? BMS_CLOSE : BMS_OPEN;
    b->told = b->closed;
}

static void second(struct bms *b, bms_outputs *out)
{
    raise_cause(b, SENSOR_FAULT, elapsed(&b->sensor, b->sensor_bad, b->now, 1.0));
    derate(b);
    talk(b, out);
    b->due_second += S;
    if (b->due_second <= b->now)
        b->due_second = b->now + S;
}

int32_t bms_step(bms *b, const bms_inputs *in, bms_outputs *out)
{
    int64_t due = NEVER;

    if (in->abi != BMS_ABI || in->size != sizeof *in || out->size != sizeof *out)
        return 1;
    sense(b, in);
    if (b->last == NEVER)
        b->last = b->now;
    count_charge(b);
    take_button(b, in->button);
    if (b->state != OFF) {
        if (!b->awake) {
            b->awake = 1;
            b->due_second = b->awake_since = b->now;
        }
        anchor(b);
        if (b->closed) {
            int cause = protection(b);
            if (cause != NO_CAUSE)
                trip(b, cause);
        }
        tick(b);
    }
    command(b, out);
    if (b->state == OFF) {
        b->awake = 0;
        if (b->pressed && !b->long_done)
            due = b->pressed_at + us(4.5);
        out->next_wake_us = due;
        return 0;
    }
    if (b->now >= b->due_second)
        second(b, out);
    serve(b, in, out);
    light(b, out, &due);
    b->dry_out[0] = b->state == RUNNING;
    b->dry_out[1] = 0;
    for (int k = 1; k < CAUSES; k++)
        b->dry_out[1] |= b->raised[k] != NEVER;
    memcpy(out->dry_out, b->dry_out, sizeof b->dry_out);
    out->next_wake_us = next_wake(b, due);
    return 0;
}

/* ---- life -------------------------------------------------------------------------- */

uint32_t bms_abi(void) { return BMS_ABI; }

bms *bms_new(const bms_config *config, const uint8_t *nvm, uint32_t nvm_bytes)
{
    struct bms *b;

    (void)nvm;
    (void)nvm_bytes;
    if (config->abi != BMS_ABI || config->size != sizeof *config)
        return NULL;
    b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->state = config->mode == BMS_MODE_RUNNING ? RUNNING : OFF;
    b->closed = b->told = b->state == RUNNING;
    b->last_opening = (int)config->last_opening;
    b->soc = fmin(100.0, config->soc_ppm / 1e4);
    b->trips = (int)config->trips;
    if (b->trips >= 4) {
        b->trips = 0;
        b->locked_until = 1800 * S;
    }
    b->hot = b->cold = b->mean = 25.0;
    b->key = 0x85F9;
    b->last = b->origin = b->ran_since = b->tail_since = NEVER;
    b->discharging_since = NEVER;
    b->soc_before = b->soc;
    b->sensor.since = b->held.since = NEVER;
    for (int k = 0; k < CAUSES; k++)
        b->raised[k] = NEVER;
    forget_delays(b);
    return b;
}

uint32_t bms_nvm(bms *b, uint8_t *to, uint32_t room)
{
    uint32_t ppm = (uint32_t)llround(b->soc * 1e4);

    if (room >= sizeof ppm)
        memcpy(to, &ppm, sizeof ppm);
    return sizeof ppm;
}

void bms_free(bms *b) { free(b); }
