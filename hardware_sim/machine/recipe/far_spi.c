// SPDX-License-Identifier: GPL-2.0
// The far end of an SPI bus, for the machine of hardware_sim: what a driver sends is read at /dev/far-spi.
//
// Each read gives one transfer: the chip select in the first byte, then the bytes that were sent while it was low. When nobody
// reads, the oldest transfers are dropped, as a chip that nobody looks at remembers nothing.
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/spi/spi.h>
#include <linux/wait.h>

#define LONGEST 4097

static STRUCT_KFIFO_REC_2(262144) sent;
static u8 record[LONGEST];
static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(news);

static int take(struct spi_controller *bus, struct spi_message *message)
{
	struct spi_transfer *piece;
	unsigned int length = 1;

	mutex_lock(&lock);
	record[0] = spi_get_chipselect(message->spi, 0);
	list_for_each_entry(piece, &message->transfers, transfer_list) {
		unsigned int fits = min_t(unsigned int, piece->len, LONGEST - length);

		if (piece->tx_buf) {
			memcpy(record + length, piece->tx_buf, fits);
			length += fits;
		}
		if (piece->rx_buf)
			memset(piece->rx_buf, 0, piece->len);
		message->actual_length += piece->len;
	}
	while (kfifo_avail(&sent) < length)
		kfifo_skip(&sent);
	kfifo_in(&sent, record, length);
	mutex_unlock(&lock);
	wake_up_interruptible(&news);
	message->status = 0;
	spi_finalize_current_message(bus);
	return 0;
}

static ssize_t far_read(struct file *file, char __user *into, size_t size, loff_t *offset)
{
	unsigned int copied = 0;
	int problem = 0;

	if (!(file->f_flags & O_NONBLOCK) && wait_event_interruptible(news, !kfifo_is_empty(&sent)))
		return -ERESTARTSYS;
	mutex_lock(&lock);
	if (kfifo_is_empty(&sent))
		problem = -EAGAIN;
	else
		problem = kfifo_to_user(&sent, into, size, &copied);
	mutex_unlock(&lock);
	return problem ? problem : copied;
}

static __poll_t far_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &news, table);
	return kfifo_is_empty(&sent) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static const struct file_operations operations = { .owner = THIS_MODULE, .read = far_read, .poll = far_poll };
static struct miscdevice far_end = { .minor = MISC_DYNAMIC_MINOR, .name = "far-spi", .fops = &operations };

static int __init begin(void)
{
	struct spi_board_info chip = { .modalias = "dh2228fv", .max_speed_hz = 50000000, .bus_num = 0 };
	struct platform_device *parent = platform_device_register_simple("far-spi", -1, NULL, 0);
	struct spi_controller *bus;
	int problem;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	INIT_KFIFO(sent);
	bus = spi_alloc_master(&parent->dev, 0);
	if (!bus)
		return -ENOMEM;
	bus->bus_num = 0;
	bus->num_chipselect = 2;
	bus->mode_bits = SPI_CPOL | SPI_CPHA | SPI_CS_HIGH | SPI_LSB_FIRST | SPI_NO_CS | SPI_3WIRE;
	bus->bits_per_word_mask = SPI_BPW_MASK(8);
	bus->transfer_one_message = take;
	problem = spi_register_controller(bus);
	if (problem)
		return problem;
	for (chip.chip_select = 0; chip.chip_select < 2; chip.chip_select++)
		if (!spi_new_device(bus, &chip))
			pr_warn("far-spi: no chip select %d\n", chip.chip_select);
	return misc_register(&far_end);
}
module_init(begin);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("the far end of an SPI bus");
