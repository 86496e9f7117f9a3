/* SPDX-License-Identifier: MIT */
/* The reader's parts: integers, folding, hashing, sentences, files, probing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot/name.h"
#include "snapshot/rows.h"
#include "snapshot/snapshot_file.h"
#include "tests/support/module.h"

/* ---- integers ---- */

TEST(a_16_bit_integer_is_stored_with_its_low_byte_first)
{
	const le16 stored = store16(0x1234);

	assert_int_equal(stored.b[0], 0x34);
	assert_int_equal(stored.b[1], 0x12);
}

TEST(a_32_bit_integer_is_stored_with_its_low_byte_first)
{
	const le32 stored = store32(0x12345678);

	assert_memory_equal(stored.b, "\x78\x56\x34\x12", 4);
}

TEST(every_16_bit_integer_is_loaded_as_it_was_stored)
{
	for (uint32_t value = 0; value <= UINT16_MAX; value++)
		assert_int_equal(load16(store16(value)), value);
}

TEST(integers_of_32_bits_are_loaded_as_they_were_stored)
{
	uint64_t random = 32;

	assert_int_equal(load32(store32(0)), 0);
	assert_int_equal(load32(store32(UINT32_MAX)), UINT32_MAX);
	for (unsigned bit = 0; bit < 32; bit++)
		assert_int_equal(load32(store32(1u << bit)), 1u << bit);
	for (unsigned i = 0; i < 10000; i++) {
		const uint32_t value = next_random(&random) << 1 ^ next_random(&random);

		assert_int_equal(load32(store32(value)), value);
	}
}

TEST(integers_of_64_bits_are_loaded_as_they_were_stored)
{
	uint64_t random = 64;

	assert_true(load64(store64(0)) == 0);
	assert_true(load64(store64(UINT64_MAX)) == UINT64_MAX);
	for (unsigned bit = 0; bit < 64; bit++)
		assert_true(load64(store64(UINT64_C(1) << bit)) == UINT64_C(1) << bit);
	for (unsigned i = 0; i < 10000; i++) {
		const uint64_t value = (uint64_t)next_random(&random) << 33 ^ next_random(&random);

		assert_true(load64(store64(value)) == value);
	}
}

TEST(a_record_takes_its_names_rounded_up_to_a_multiple_of_half_a_cache_line)
{
	assert_int_equal(record_size(0), 32);
	assert_int_equal(record_size(1), 32);
	assert_int_equal(record_size(16), 32);
	assert_int_equal(record_size(17), 64);
	assert_int_equal(record_size(48), 64);
	assert_int_equal(record_size(49), 96);
	assert_int_equal(record_size(0xffff), 16 + 0x10010);
}

TEST(record_numbers_lead_back_to_their_offsets)
{
	for (uint32_t number = 1; number < 100000; number++)
		assert_int_equal(number_of_record(offset_of_record(number)), number);
	assert_int_equal(number_of_record(offset_of_record(RECORD_NUMBER_MAX)), RECORD_NUMBER_MAX);
}

TEST(a_change_of_any_bit_changes_the_checksum)
{
	unsigned char bytes[64];
	uint64_t random = 5;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)next_random(&random);

	const uint64_t sum = checksum_words(bytes, sizeof bytes);

	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_true(checksum_words(bytes, sizeof bytes) != sum);
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* ---- names ---- */

/* The rule, written plainly: RFC 6335 section 5.1, ASCII letters alone. */
static unsigned char plain_fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static bool plain_fold_equal(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (plain_fold((unsigned char)a[i]) != plain_fold((unsigned char)b[i]))
			return false;
	return true;
}

TEST(every_byte_folds_as_a_plain_loop_does_at_every_place_in_a_word)
{
	uint64_t random = 8;

	for (unsigned place = 0; place < 8; place++)
		for (unsigned value = 0; value < 256; value++) {
			char bytes[8];

			for (unsigned i = 0; i < 8; i++)
				bytes[i] = (char)next_random(&random);
			bytes[place] = (char)value;

			const uint64_t folded = fold_word(load_word(bytes));

			for (unsigned i = 0; i < 8; i++)
				assert_int_equal(folded >> 8 * i & 0xff, plain_fold((unsigned char)bytes[i]));
		}
}

/* A name of `size` bytes in a block of exactly that size, so that a sanitizer sees a read past it. */
static char *random_name(size_t size, uint64_t *random)
{
	static const char letters[] = "abcXYZ-_.09@[`{\x80\xc1\xe1\xff";
	char *name = malloc(size ? size : 1);

	assert_non_null(name);
	for (size_t i = 0; i < size; i++)
		name[i] = next_random(random) & 1 ? letters[next_random(random) % (sizeof letters - 1)]
						  : (char)(next_random(random) & 0xff);
	return name;
}

static void swap_case(char *name, size_t size, uint64_t *random)
{
	for (size_t i = 0; i < size; i++) {
		const char low = (char)plain_fold((unsigned char)name[i]);

		if (low >= 'a' && low <= 'z' && next_random(random) & 1)
			name[i] = (char)(name[i] ^ 0x20);
	}
}

static char *copy_of(const char *name, size_t size)
{
	char *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	return memcpy(copy, name, size);
}

TEST(names_that_differ_in_case_alone_are_equal_at_every_size)
{
	uint64_t random = 41;

	for (size_t size = 0; size <= 40; size++)
		for (unsigned i = 0; i < 50; i++) {
			char *a = random_name(size, &random), *b = copy_of(a, size);

			swap_case(b, size, &random);
			assert_true(names_fold_equal(a, b, size));
			free(a);
			free(b);
		}
}

TEST(names_that_differ_in_one_byte_compare_as_a_plain_loop_says)
{
	uint64_t random = 42;

	for (size_t size = 1; size <= 40; size++)
		for (unsigned i = 0; i < 200; i++) {
			char *a = random_name(size, &random), *b = copy_of(a, size);
			const size_t at = next_random(&random) % size;

			b[at] = (char)(i & 1 ? b[at] ^ 0x20 : (int)next_random(&random));
			assert_int_equal(names_fold_equal(a, b, size), plain_fold_equal(a, b, size));
			free(a);
			free(b);
		}
}

TEST(a_name_has_the_same_hash_in_every_case)
{
	uint64_t random = 43;

	for (size_t size = 0; size <= 40; size++)
		for (unsigned i = 0; i < 50; i++) {
			char *a = random_name(size, &random), *b = copy_of(a, size);

			swap_case(b, size, &random);
			assert_int_equal(name_hash(a, size, i), name_hash(b, size, i));
			free(a);
			free(b);
		}
}

TEST(the_hash_of_a_name_depends_on_no_byte_beside_it)
{
	uint64_t random = 44;
	char field[64];

	for (size_t size = 0; size <= 40; size++)
		for (unsigned i = 0; i < 50; i++) {
			char *name = random_name(size, &random);
			const size_t at = 1 + next_random(&random) % 20;

			for (size_t k = 0; k < sizeof field; k++)
				field[k] = (char)next_random(&random);
			memcpy(field + at, name, size);
			assert_int_equal(name_hash(field + at, size, 7), name_hash(name, size, 7));
			free(name);
		}
}

/*
 * 160,000 random pairs of 32-bit hashes: none equal is expected; a hash that leaves bytes out has thousands. Of bytes
 * that names may hold: those below, which none does, look like others to the hash.
 */
TEST(the_hash_of_a_name_depends_on_each_of_its_bytes)
{
	uint64_t random = 45;
	unsigned same = 0;

	for (size_t size = 1; size <= 40; size++)
		for (size_t at = 0; at < size; at++)
			for (unsigned i = 0; i < 200; i++) {
				char *name = random_name(size, &random);

				for (size_t k = 0; k < size; k++)
					name[k] = (char)((unsigned char)name[k] < 0x21 ? name[k] + 'a' : name[k]);

				const uint32_t before = name_hash(name, size, 0);

				name[at] = (char)(name[at] == '3' ? '4' : '3');
				same += name_hash(name, size, 0) == before;
				free(name);
			}
	assert_in_range(same, 0, 20);
}

TEST(another_seed_gives_a_name_another_hash)
{
	for (uint32_t seed = 1; seed < 1000; seed++)
		assert_int_not_equal(name_hash("iceedcp_tx", 10, 0), name_hash("iceedcp_tx", 10, seed));
}

/* The hash is part of the file format: these must never change without the version. */
TEST(the_hash_of_a_name_is_the_format_s)
{
	assert_int_equal(name_hash("", 0, 0), 0x15791288);
	assert_int_equal(name_hash("cora", 4, 0), 0xda08d946);
	assert_int_equal(name_hash("submissions", 11, 1), 0xa9b039de);
	assert_int_equal(name_hash("a-name-longer-than-15", 21, 2), 0x30aa1ef9);
}

/* ---- sentences ---- */

TEST(every_status_has_a_sentence_of_its_own)
{
	for (unsigned a = 0; a < SNAPSHOT_STATUS_COUNT; a++) {
		assert_non_null(snapshot_status_text(a));
		assert_true(strlen(snapshot_status_text(a)) > 4);
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(snapshot_status_text(a), snapshot_status_text(b));
	}
}

TEST(no_sentence_ends_with_a_full_stop)
{
	for (unsigned i = 0; i < SNAPSHOT_STATUS_COUNT; i++) {
		const char *sentence = snapshot_status_text(i);

		assert_int_not_equal(sentence[strlen(sentence) - 1], '.');
	}
}

TEST(a_status_that_does_not_exist_has_a_sentence_too)
{
	assert_true(strlen(snapshot_status_text(SNAPSHOT_STATUS_COUNT)) > 4);
	assert_true(strlen(snapshot_status_text((enum snapshot_status) - 1)) > 4);
}

/* ---- files ---- */

static const char small_csv[] = CSV_HEAD "echo,7,tcp,Echo,[J],[J],,,,,,\ndiscard,9,udp,Discard,[J],[J],,,,,,\n";

/* It must fail with that status and errno, leave `file` alone and nothing open. */
static void assert_refused(const char *path, enum snapshot_status status, int error)
{
	struct snapshot_file file, untouched;
	const unsigned before = count_descriptors();

	memset(&file, 0x5a, sizeof file);
	memset(&untouched, 0x5a, sizeof untouched);
	errno = 0;
	assert_int_equal(snapshot_file_open(path, &file), status);
	assert_int_equal(errno, error);
	assert_memory_equal(&file, &untouched, sizeof file);
	assert_int_equal(count_descriptors(), before);
}

/* The small registry as a file of that name and mode. */
static const char *published(const char *name, mode_t mode)
{
	struct compiled compiled = compile_clean(small_csv);
	const char *path = text("%s/%s", scratch_dir(), name);

	write_file(path, compiled.bytes, compiled.size);
	assert_int_equal(chmod(path, mode), 0);
	free_compiled(&compiled);
	return path;
}

TEST(a_snapshot_file_opens_and_leaves_no_descriptor_behind)
{
	const unsigned before = count_descriptors();
	struct snapshot_file file;
	struct snapshot_entry entry;

	assert_int_equal(snapshot_file_open(published("good", 0644), &file), SNAPSHOT_OK);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(snapshot_find_port(&file.snapshot, 7, "tcp", &entry), SNAPSHOT_OK);
	assert_string_equal(entry.names, "echo");
	snapshot_file_close(&file);
}

TEST(a_symbolic_link_to_a_snapshot_opens)
{
	const char *link = text("%s/link", scratch_dir());
	struct snapshot_file file;

	assert_int_equal(symlink(published("linked", 0444), link), 0);
	assert_int_equal(snapshot_file_open(link, &file), SNAPSHOT_OK);
	snapshot_file_close(&file);
}

TEST(a_missing_file_is_refused_with_enoent)
{
	assert_refused(text("%s/missing", scratch_dir()), SNAPSHOT_SYSTEM_ERROR, ENOENT);
}

TEST(a_path_through_a_file_is_refused_with_enotdir)
{
	assert_refused(text("%s/below", published("a-file", 0644)), SNAPSHOT_SYSTEM_ERROR, ENOTDIR);
}

TEST(an_unreadable_file_is_refused_with_eacces)
{
	const char *path = published("secret", 0000);
	const uid_t user = geteuid();

	/* Root reads every file: be nobody for this one. */
	if (user == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_refused(path, SNAPSHOT_SYSTEM_ERROR, EACCES);
	assert_int_equal(seteuid(user), 0);
}

TEST(a_directory_is_refused)
{
	assert_refused(scratch_dir(), SNAPSHOT_NOT_REGULAR, EINVAL);
}

TEST(a_device_is_refused)
{
	assert_refused("/dev/null", SNAPSHOT_NOT_REGULAR, EINVAL);
}

TEST(a_fifo_is_refused_and_not_waited_for)
{
	const char *path = text("%s/fifo", scratch_dir());

	assert_int_equal(mkfifo(path, 0644), 0);
	alarm(10);
	assert_refused(path, SNAPSHOT_NOT_REGULAR, EINVAL);
	alarm(0);
}

TEST(a_file_that_its_group_may_write_is_refused)
{
	assert_refused(published("group", 0664), SNAPSHOT_WRITABLE, EINVAL);
}

TEST(a_file_that_all_may_write_is_refused)
{
	assert_refused(published("all", 0646), SNAPSHOT_WRITABLE, EINVAL);
}

TEST(an_empty_file_is_refused)
{
	const char *path = text("%s/empty", scratch_dir());

	write_file(path, "", 0);
	assert_refused(path, SNAPSHOT_NO_MAGIC, EINVAL);
}

TEST(a_file_shorter_than_the_magic_is_refused)
{
	const char *path = text("%s/short", scratch_dir());

	write_file(path, "ian", 3);
	assert_refused(path, SNAPSHOT_NO_MAGIC, EINVAL);
}

TEST(a_file_shorter_than_its_header_is_refused)
{
	const char *path = published("half-a-header", 0644);

	assert_int_equal(truncate(path, 100), 0);
	assert_refused(path, SNAPSHOT_WRONG_SIZE, EINVAL);
}

TEST(a_file_shorter_than_its_header_says_is_refused)
{
	const char *path = published("cut", 0644);

	assert_int_equal(truncate(path, 4096), 0);
	assert_refused(path, SNAPSHOT_WRONG_SIZE, EINVAL);
}

TEST(a_text_file_is_refused)
{
	const char *path = text("%s/text", scratch_dir());

	write_file(path, small_csv, strlen(small_csv));
	assert_refused(path, SNAPSHOT_NO_MAGIC, EINVAL);
}

TEST(a_snapshot_of_another_version_is_refused)
{
	const char *path = published("version", 0644);
	size_t size;
	char *bytes = read_file(path, &size);

	((struct disk_header *)(void *)bytes)->version = store32(SNAPSHOT_VERSION + 1);
	write_file(path, bytes, size);
	free(bytes);
	assert_refused(path, SNAPSHOT_OTHER_VERSION, EINVAL);
}

/* ---- where a snapshot is looked for ---- */

TEST(the_variable_names_the_only_snapshot_that_is_tried)
{
	const char *paths[3];

	setenv(SNAPSHOT_VARIABLE, "/some/where", 1);
	snapshot_paths(paths);
	unsetenv(SNAPSHOT_VARIABLE);
	assert_string_equal(paths[0], "/some/where");
	assert_null(paths[1]);
}

TEST(without_the_variable_the_site_s_snapshot_comes_before_the_vendor_s)
{
	const char *paths[3];

	unsetenv(SNAPSHOT_VARIABLE);
	snapshot_paths(paths);
	assert_string_equal(paths[0], SITE_SNAPSHOT);
	assert_string_equal(paths[1], VENDOR_SNAPSHOT);
	assert_null(paths[2]);
}

TEST(an_empty_variable_is_as_none)
{
	const char *paths[3];

	setenv(SNAPSHOT_VARIABLE, "", 1);
	snapshot_paths(paths);
	unsetenv(SNAPSHOT_VARIABLE);
	assert_string_equal(paths[0], SITE_SNAPSHOT);
	assert_string_equal(paths[1], VENDOR_SNAPSHOT);
}

TEST(a_snapshot_that_the_variable_names_is_found)
{
	const char *expected = published("chosen", 0644), *path;
	struct snapshot_file file;

	setenv(SNAPSHOT_VARIABLE, expected, 1);
	const enum snapshot_status status = snapshot_file_find(&file, &path);
	const bool same = strcmp(path, expected) == 0;
	unsetenv(SNAPSHOT_VARIABLE);
	assert_int_equal(status, SNAPSHOT_OK);
	assert_true(same);
	snapshot_file_close(&file);
}

TEST(a_bad_snapshot_that_the_variable_names_is_not_passed_over)
{
	struct snapshot_file file;
	const char *path;

	setenv(SNAPSHOT_VARIABLE, "/dev/null", 1);
	const enum snapshot_status status = snapshot_file_find(&file, &path);
	const int error = errno;
	unsetenv(SNAPSHOT_VARIABLE);
	assert_int_equal(status, SNAPSHOT_NOT_REGULAR);
	assert_int_equal(error, EINVAL);
}

/* ---- protocols ---- */

TEST(protocols_compare_to_the_letter)
{
	struct compiled compiled = compile_csv(small_csv, strlen(small_csv), "home 9999/ddp\n", NULL);
	static const struct {
		const char *protocol;
		int index;
	} expected[] = {{"tcp", 0}, {"udp", 1}, {"sctp", 2},  {"dccp", 3},     {"ddp", 4},    {"TCP", -1},
			{"", -1},   {"tc", -1}, {"tcpp", -1}, {"udplite", -1}, {"udp\n", -1}, {"ddpddpddp", -1}};

	assert_int_equal(compiled.status, OUTCOME_OK);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(snapshot_protocol_index(&compiled.snapshot, expected[i].protocol), expected[i].index);
	free_compiled(&compiled);
}

TEST(a_protocol_index_that_does_not_exist_has_an_empty_name)
{
	struct compiled compiled = compile_clean(small_csv);

	assert_string_equal(snapshot_protocol_name(&compiled.snapshot, 3), "dccp");
	assert_string_equal(snapshot_protocol_name(&compiled.snapshot, 4), "");
	assert_string_equal(snapshot_protocol_name(&compiled.snapshot, 8), "");
	assert_string_equal(snapshot_protocol_name(&compiled.snapshot, UINT32_MAX), "");
	free_compiled(&compiled);
}

/* A protocol's name may take all but one of its 8 bytes. */
TEST(a_protocol_of_seven_bytes_is_found)
{
	struct compiled compiled = compile_csv(small_csv, strlen(small_csv), "home 9999/udplite\n", NULL);
	struct snapshot_entry entry;

	assert_int_equal(compiled.status, OUTCOME_OK);
	assert_int_equal(snapshot_find_name(&compiled.snapshot, "home", "udplite", &entry), SNAPSHOT_OK);
	assert_string_equal(entry.protocol, "udplite");
	free_compiled(&compiled);
}

/* ---- probing ---- */

/* Name `number` of those that differ from "abcdefgh" in case alone. */
static void case_variant(char name[9], unsigned number)
{
	strcpy(name, "abcdefgh");
	for (unsigned i = 0; i < 8; i++)
		if (number >> i & 1)
			name[i] = (char)(name[i] - ('a' - 'A'));
}

/* `count` names that differ in case alone, on ports from 1000 on. */
static struct compiled compile_variants(unsigned count)
{
	char *csv = NULL, name[9];
	size_t size;
	FILE *stream = open_memstream(&csv, &size);

	assert_non_null(stream);
	fputs(CSV_HEAD, stream);
	for (unsigned i = 0; i < count; i++) {
		case_variant(name, i);
		fprintf(stream, "%s,%u,tcp,One of many,[A],[A],,,,,,\n", name, 1000 + i);
	}
	assert_int_equal(fclose(stream), 0);

	struct compiled compiled = compile_csv(csv, size, NULL, NULL);

	free(csv);
	return compiled;
}

static void assert_variants_found(const struct compiled *compiled, unsigned count)
{
	struct snapshot_entry entry;
	char name[9];

	for (unsigned i = 0; i < count; i++) {
		case_variant(name, i);
		assert_int_equal(snapshot_find_name(&compiled->snapshot, name, "tcp", &entry), SNAPSHOT_OK);
		assert_int_equal(entry.port, 1000 + i);
		assert_string_equal(entry.names, name);
	}
}

TEST(sixty_names_that_differ_in_case_alone_are_all_found_exactly)
{
	struct compiled compiled = compile_variants(60);

	assert_int_equal(compiled.status, OUTCOME_OK);
	assert_variants_found(&compiled, 60);
	free_compiled(&compiled);
}

TEST(a_case_that_no_name_has_finds_the_first_of_sixty)
{
	struct compiled compiled = compile_variants(60);
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_name(&compiled.snapshot, "ABCDEFGH", "tcp", &entry), SNAPSHOT_OK);
	assert_int_equal(entry.port, 1000);
	free_compiled(&compiled);
}

TEST(as_many_case_variants_as_are_probed_are_all_found)
{
	struct compiled compiled = compile_variants(PROBE_LIMIT);

	assert_int_equal(compiled.status, OUTCOME_OK);
	assert_variants_found(&compiled, PROBE_LIMIT);
	free_compiled(&compiled);
}

TEST(more_case_variants_than_are_probed_are_refused_with_the_reason)
{
	struct compiled compiled = compile_variants(70);

	if (compiled.status == OUTCOME_OK) {
		assert_variants_found(&compiled, 70);
	} else {
		assert_int_equal(compiled.status, OUTCOME_INVALID);
		assert_non_null(strstr(compiled.messages, "differ only in case"));
	}
	free_compiled(&compiled);
}

TEST(a_name_of_255_bytes_is_found_and_one_of_256_is_not)
{
	char name[257];
	struct snapshot_entry entry;

	memset(name, 'n', sizeof name);
	name[255] = '\0';

	struct compiled compiled = compile_clean(text(CSV_HEAD "%s,7,tcp,Long,[J],[J],,,,,,\n", name));

	assert_int_equal(snapshot_find_name(&compiled.snapshot, name, "tcp", &entry), SNAPSHOT_OK);
	name[255] = 'n';
	name[256] = '\0';
	assert_int_equal(snapshot_find_name(&compiled.snapshot, name, "tcp", &entry), SNAPSHOT_NOT_FOUND);
	free_compiled(&compiled);
}

TEST(what_is_not_found_leaves_the_caller_s_entry_alone)
{
	struct compiled compiled = compile_clean(small_csv);
	struct snapshot_entry entry, untouched;

	memset(&entry, 0x5a, sizeof entry);
	memset(&untouched, 0x5a, sizeof untouched);
	assert_int_equal(snapshot_find_name(&compiled.snapshot, "echo", "udp", &entry), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_find_port(&compiled.snapshot, 9, "tcp", &entry), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_find_port(&compiled.snapshot, 70000, NULL, &entry), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_record(&compiled.snapshot, 0, 0, &entry), SNAPSHOT_NOT_FOUND);
	assert_memory_equal(&entry, &untouched, sizeof entry);
	free_compiled(&compiled);
}

/* ---- an empty registry ---- */

TEST(an_empty_registry_has_nothing_to_enumerate)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_NOT_FOUND);
		snapshot_step(&position);
	}
	free_compiled(&compiled);
}

TEST(an_empty_registry_answers_no_key)
{
	struct compiled compiled = compile_clean(CSV_HEAD);
	struct snapshot_entry entry;
	struct snapshot_row row;

	assert_int_equal(snapshot_find_name(&compiled.snapshot, "echo", NULL, &entry), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_find_name(&compiled.snapshot, "", NULL, &entry), SNAPSHOT_NOT_FOUND);
	for (uint32_t port = 0; port <= PORT_MAX; port++)
		assert_int_equal(snapshot_find_port(&compiled.snapshot, port, NULL, &entry), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_row(&compiled.snapshot, 0, &row), SNAPSHOT_NOT_FOUND);
	free_compiled(&compiled);
}

TEST(an_enumeration_that_is_not_stepped_stays_at_its_entry)
{
	struct compiled compiled = compile_clean(small_csv);
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_OK);
		assert_string_equal(entry.names, "echo");
	}
	snapshot_step(&position);
	assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_OK);
	assert_string_equal(entry.names, "discard");
	snapshot_step(&position);
	assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_NOT_FOUND);
	free_compiled(&compiled);
}

TEST(the_first_and_the_last_port_are_found_and_enumerated)
{
	struct compiled compiled =
		compile_clean(CSV_HEAD "low,0,tcp,Low,[J],[J],,,,,,\nhigh,65535,dccp,High,[J],[J],,,,,,\n");
	struct snapshot_position position = {0};
	struct snapshot_entry entry;

	assert_int_equal(snapshot_find_port(&compiled.snapshot, 0, NULL, &entry), SNAPSHOT_OK);
	assert_string_equal(entry.names, "low");
	assert_int_equal(snapshot_find_port(&compiled.snapshot, 65535, "dccp", &entry), SNAPSHOT_OK);
	assert_string_equal(entry.names, "high");
	assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_OK);
	snapshot_step(&position);
	assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_OK);
	assert_int_equal(entry.port, 65535);
	snapshot_step(&position);
	assert_int_equal(snapshot_at(&compiled.snapshot, &position, &entry), SNAPSHOT_NOT_FOUND);
	free_compiled(&compiled);
}
