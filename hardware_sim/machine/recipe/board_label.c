// SPDX-License-Identifier: GPL-2.0
// What stands on the board of the machine of hardware_sim: a device tree that says, as a Raspberry Pi 4's does, who it is.
//
// Programs of a node read their serial number and model from it, and gpiozero the revision that names the GPIO lines.
#include <linux/init.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static char serial[32] = "10000000cafe0001";

static int __init set_serial(char *given)
{
	strscpy(serial, given, sizeof(serial));
	return 1;
}
__setup("board_serial=", set_serial);

static int show_text(struct seq_file *file, void *unused)
{
	const char *text = pde_data(file_inode(file->file));

	seq_write(file, text, strlen(text) + 1);
	return 0;
}

static int open_text(struct inode *inode, struct file *file)
{
	return single_open(file, show_text, NULL);
}

static const struct proc_ops texts = { .proc_open = open_text, .proc_read = seq_read, .proc_lseek = seq_lseek,
				       .proc_release = single_release };

static int show_revision(struct seq_file *file, void *unused)
{
	static const u8 revision[] = { 0x00, 0xc0, 0x31, 0x14 }; // Pi 4 Model B, 4 GB

	seq_write(file, revision, sizeof(revision));
	return 0;
}

static int __init begin(void)
{
	struct proc_dir_entry *tree = proc_mkdir("device-tree", NULL), *system;

	if (!tree)
		return -ENOMEM;
	proc_create_data("serial-number", 0444, tree, &texts, serial);
	proc_create_data("model", 0444, tree, &texts, "Raspberry Pi 4 Model B Rev 1.4 (simulated)");
	system = proc_mkdir("system", tree);
	proc_create_single("linux,revision", 0444, system, show_revision);
	return 0;
}
late_initcall(begin);
MODULE_LICENSE("GPL");
